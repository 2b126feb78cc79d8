// Writes the public pages as HTML, so that they can be read without JavaScript: each page of src/prerender.tsx into
// a copy of index.html, with its own title, description and styles. app.html is the same document without a page.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

const escaped = (text) =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);

/** What a part and all it imports at once need besides the document's own. */
function needs(manifest, key, found = { css: new Set(), js: new Set() }) {
  const part = manifest[key];
  if (!part || part.isEntry || found.js.has(part.file)) return found;
  found.js.add(part.file);
  for (const style of part.css ?? []) found.css.add(style);
  for (const next of part.imports ?? []) needs(manifest, next, found);
  return found;
}

function head(page, manifest, origin, document) {
  // With ORIGIN the addresses are whole, as some readers of Open Graph want them; without it they are the site's own.
  const address = (path) => escaped(`${origin}${path}`);
  const { css, js } = page.part ? needs(manifest, page.part) : { css: [], js: [] };
  return [
    `<title>${escaped(page.title)}</title>`,
    `<meta name="description" content="${escaped(page.description)}">`,
    `<link rel="canonical" href="${address(page.path)}">`,
    '<meta property="og:type" content="website">',
    '<meta property="og:site_name" content="Mi Connect">',
    '<meta property="og:locale" content="en_GB">',
    `<meta property="og:title" content="${escaped(page.title)}">`,
    `<meta property="og:description" content="${escaped(page.description)}">`,
    `<meta property="og:url" content="${address(page.path)}">`,
    `<meta property="og:image" content="${address('/social.png')}">`,
    '<meta property="og:image:width" content="1200">',
    '<meta property="og:image:height" content="630">',
    '<meta name="twitter:card" content="summary_large_image">',
    ...[...css].map((file) => `<link rel="stylesheet" crossorigin href="/${file}">`),
    ...[...js]
      .filter((file) => !document.includes(file))
      .map((file) => `<link rel="modulepreload" crossorigin href="/${file}">`),
  ].join('\n    ');
}

/** @returns {import('vite').Plugin} */
export function prerender({ origin = process.env.ORIGIN ?? '' } = {}) {
  let config;
  return {
    name: 'prerender',
    apply: (_, { command, isSsrBuild }) => command === 'build' && !isSsrBuild,
    configResolved: (resolved) => {
      config = resolved;
    },
    async closeBundle() {
      const dist = join(config.root, config.build.outDir);
      const server = join(config.root, 'node_modules/.prerender');
      await build({
        root: config.root,
        logLevel: 'error',
        build: { ssr: 'src/prerender.tsx', outDir: server, emptyOutDir: true, manifest: false, copyPublicDir: false },
      });
      const { pages, draw } = await import(join(server, 'prerender.js'));
      const document = await readFile(join(dist, 'index.html'), 'utf8');
      const manifest = JSON.parse(await readFile(join(dist, '.vite/manifest.json'), 'utf8'));
      const fill = (headText, body) =>
        document.replace(/<title>[\s\S]*?<\/title>/, () => headText).replace('<!--page-->', () => body);
      await writeFile(
        join(dist, 'app.html'),
        fill('<title>Mi Connect</title>\n    <meta name="robots" content="noindex">', ''),
      );
      for (const page of pages) {
        const file = page.path === '/' ? 'index.html' : `${page.path.slice(1)}.html`;
        await writeFile(join(dist, file), fill(head(page, manifest, origin, document), await draw(page.path)));
      }
      await rm(server, { recursive: true });
    },
  };
}
