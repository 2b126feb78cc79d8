import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pageHeaders } from './headers';
import { pageRouter } from './router';
import { World } from './stand-in';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const WIDGET = fileURLToPath(new URL('../../widget/dist', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.webmanifest': 'application/manifest+json',
};

/** Serves the built pages as the CDN does, with its headers, and the stand-in API beside them. */
export async function serve(): Promise<{ world: World; origin: string; close: () => Promise<void> }> {
  if (!existsSync(join(DIST, 'index.html'))) throw new Error('build the pages first: npx vite build dashboard');
  const headers = pageHeaders();
  const world = new World();
  const route = pageRouter(() => world.origin);
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url!, world.origin);
    if (url.pathname.startsWith('/v1/')) {
      const route = `${request.method} ${url.pathname}`;
      world.log.push(request.headers['mi-account'] ? `${route} as ${request.headers['mi-account']}` : route);
      const raw = await read(request);
      const planned = world.planned.get(route);
      world.planned.delete(route);
      if (planned === 'hang') return;
      if (planned === 'drop') return void request.socket.destroy();
      const answer =
        planned ??
        world.answer({
          method: request.method!,
          path: url.pathname,
          query: url.searchParams,
          bearer: (request.headers.authorization ?? '').replace(/^Bearer /, ''),
          body: raw ? JSON.parse(raw) : {},
        });
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'cache-control': 'no-store',
        ...answer.headers,
      });
      return void response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    }
    const routed = route(url.pathname);
    if ('statusCode' in routed) {
      const own = Object.fromEntries(Object.entries(routed.headers).map(([name, { value }]) => [name, value]));
      return void response.writeHead(routed.statusCode, own).end(routed.body.data);
    }
    const folder = routed.uri.startsWith('/widget') ? WIDGET : DIST;
    const file = join(folder, normalize(routed.uri));
    if (!file.startsWith(folder) || !existsSync(file)) return void response.writeHead(404, headers).end();
    response.writeHead(200, { ...headers, 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  world.origin = `http://localhost:${port}`;
  return {
    world,
    origin: world.origin,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
