// Two origins on loopback: Mi Connect's own (the built widget and a recording stand-in of the three calls
// it makes), and a customer's website. What the stand-in answers can be changed while a page is open.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import languages from '../../shared/design/labels.json' with { type: 'json' };
// @ts-expect-error a plain module
import { build } from '../build.mjs';

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = { status: number; body?: unknown; afterMs?: number } | 'cut';

export interface PageOptions {
  key?: string | null;
  attributes?: string;
  csp?: string;
  /** Markup before the widget's script. */
  head?: string;
  /** Instead of the usual script tag. */
  script?: string;
  body?: string;
  html?: string;
}

export const manageUrl = 'https://connect.example/request?token=abc';

/** The widget built into a folder of its own, so that test files can run side by side. */
export async function builtWidget(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'widget-'));
  await build(dir);
  return { dir, remove: () => rm(dir, { recursive: true }) };
}

export const LABELS = Object.fromEntries(languages.map(({ lang, label }) => [lang, label]));

export class Pages {
  calls: Call[] = [];
  /** What a business has chosen, over the stand-in's own. */
  configuration: Record<string, unknown> = {};
  answers: Record<string, (call: Call) => Answer | Promise<Answer>> = {
    widget: () => ({
      status: 200,
      body: {
        site: 'key1',
        name: 'Acme Plumbing',
        active: true,
        privacyUrl: 'https://acme.example/privacy',
        proof: 'ao9c.AAAAAAAAAAAA',
        language: 'en',
        labels: LABELS,
        ...this.configuration,
      },
    }),
    slots: () => ({ status: 200, body: { timeZone: 'Europe/London', slots: [], next: null } }),
    events: () => ({ status: 202, body: {} }),
    callbacks: () => ({ status: 201, body: { id: 'c1', status: 'new', manageUrl } }),
  };
  origin = '';
  customer = '';
  #pages = new Map<string, PageOptions>();
  #servers: Server[] = [];
  /** Further scripts of Mi Connect's origin, by path. */
  scripts: Record<string, string> = {};

  constructor(readonly dist: string) {}

  async start(): Promise<this> {
    this.origin = `http://localhost:${await this.#listen((request, response) => this.#ours(request, response))}`;
    this.customer = `http://127.0.0.1:${await this.#listen((request, response) => this.#theirs(request, response))}`;
    return this;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
  }

  /** Calls of one kind: events, callbacks, widget, or a file's name. */
  of(kind: string): Call[] {
    return this.calls.filter(({ path, method }) => path.includes(kind) && method !== 'OPTIONS');
  }

  beacons(): {
    site: string;
    session: string;
    page: string;
    source?: string;
    sent: number;
    events: { type: string; t: number }[];
  }[] {
    return this.of('/v1/events').map(({ body }) => JSON.parse(body));
  }

  steps(): string {
    return this.beacons()
      .flatMap(({ events }) => events.map(({ type }) => type))
      .join(' ');
  }

  put(path: string, options: PageOptions = {}): string {
    this.#pages.set(path, options);
    return this.customer + path;
  }

  async #listen(handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<number> {
    const server = createServer((request, response) => void handler(request, response));
    this.#servers.push(server);
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return (server.address() as AddressInfo).port;
  }

  async #ours(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url!.split('?')[0]!;
    let body = '';
    for await (const chunk of request) body += chunk;
    const query = new URL(request.url!, this.origin).searchParams;
    const call = { method: request.method!, path, query, headers: request.headers, body };
    this.calls.push(call);
    response.setHeader('access-control-allow-origin', '*');
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-headers': 'content-type, idempotency-key',
        'access-control-allow-methods': 'GET, POST, PATCH',
      });
      response.end();
      return;
    }
    const kind = /(slots)$/.exec(path)?.[1] ?? /^\/v1\/(widget|events|callbacks)/.exec(path)?.[1];
    if (kind) {
      const answer = await this.answers[kind]!(call);
      if (answer === 'cut') {
        response.destroy();
        return;
      }
      if (answer.afterMs) await new Promise((later) => setTimeout(later, answer.afterMs));
      response.writeHead(answer.status, {
        'content-type': answer.status < 400 ? 'application/json' : 'application/problem+json',
      });
      response.end(JSON.stringify(answer.body ?? {}));
      return;
    }
    try {
      const file = this.scripts[path] ?? (await readFile(join(this.dist, path)));
      response.writeHead(200, { 'content-type': 'text/javascript' });
      response.end(file);
    } catch {
      response.writeHead(404);
      response.end();
    }
  }

  async #theirs(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const options = this.#pages.get(request.url!.split('?')[0]!);
    if (!options) {
      response.writeHead(404);
      response.end();
      return;
    }
    const key = options.key === undefined ? 'key1' : options.key;
    const site = key === null ? '' : ` data-site="${key}"`;
    const script =
      options.script ?? `<script async src="${this.origin}/widget.js"${site} ${options.attributes ?? ''}></script>`;
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      ...(options.csp ? { 'content-security-policy': options.csp.replaceAll('ORIGIN', this.origin) } : {}),
    });
    response.end(
      (
        options.html ??
        `<!doctype html><html lang="en"><head><title>Acme</title><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">${options.head ?? ''}${script}</head>
<body><main><h1>Acme Plumbing</h1>${options.body ?? '<p>Boilers, taps and pipes.</p>'}</main></body></html>`
      ).replaceAll('ORIGIN', this.origin),
    );
  }
}

/** Waits until a condition holds; the message says what did not come. */
export async function until(what: string, holds: () => unknown, ms = 20_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((again) => setTimeout(again, 25));
  }
}
