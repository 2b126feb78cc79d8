// Bundles the widget and holds each part to its size: `node widget/build.mjs` prints
// each gzipped size beside its budget and fails when one is exceeded.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build as bundle, transform } from 'esbuild';
import { minifySync } from 'vite';
import { replacements } from '../shared/policy/build.mjs';

const here = dirname(fileURLToPath(import.meta.url));
/** Languages beside English, which the panel has in it. */
export const languages = ['cy', 'pl', 'fr', 'de', 'es', 'ar'];
export const budgets = {
  loader: 2500,
  // With the digests of all parts: only on pages that pin a version.
  pinned: 3200,
  panel: 6000,
  slots: 2000,
  rescue: 1000,
  extras: 1000,
  ...Object.fromEntries(languages.map((one) => [one, 1500])),
};

/** Style sheets travel as minified text: they are adopted, never written into the page. */
const styles = {
  name: 'styles',
  setup(on) {
    on.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await transform(await readFile(path, 'utf8'), { loader: 'css', minify: true });
      // The blanks that esbuild leaves in custom properties and grid lines.
      const text = css.code
        .trim()
        .replace(/(--[\w-]+:) /g, '$1')
        .replace(/ ?([,/]) ?/g, '$1');
      return { contents: text, loader: 'text' };
    });
  },
};

/** Names that only the parts say to each other; all are built with the same short ones. */
const names = (
  'track settle counting blocked write root config adopt randomId pack send counts part offer insert moment ' +
  'example optional soon noTimes zones within again sending terms privacy needName needPhone needTime needEmail ' +
  'needed failed offline kept gone thanksPlain thanks callSoon callAt callBy manage copied another why'
).split(' ');
const taken = [Object, Array, Int32Array, String, Number, Function, Promise, Map, Set, URL, URLSearchParams, Date]
  .flatMap((type) => [type, type.prototype])
  .filter((type) => names.some((name) => name in type));
if (taken.length) throw new Error('a shortened name is one of the language’s own');
const ours = new RegExp(`^(${names.join('|')})$`);

/** The oldest browsers in which it works: they must have dialog. In the styles plain values come before new ones. */
const target = ['chrome98', 'firefox98', 'safari15.4'];

const shared = {
  bundle: true,
  minify: true,
  target,
  charset: 'utf8',
  legalComments: 'none',
  tsconfigRaw: {},
  write: false,
  mangleProps: ours,
  plugins: [styles],
};

const digest = (code, algorithm) => createHash(algorithm).update(code).digest('base64').replace(/=$/, '');

/** Builds into `out` and returns the gzipped sizes. */
export async function build(out = join(here, 'dist')) {
  const sizes = {};
  const files = [];
  // The loader's come first: single letters.
  const first = 'track settle counting blocked write root config adopt randomId pack send counts part'.split(' ');
  let mangleCache = Object.fromEntries(first.map((name, n) => [name, 'etnisroadlcux'[n]]));
  const policy = replacements('site');

  /** What esbuild has bundled goes through a second minifier, which knows other tricks. Returns the file. */
  function keep(name, { path, text }, module) {
    const { code, errors } = minifySync(path, text, {
      module,
      compress: { target },
      mangle: { toplevel: true },
    });
    if (errors.length) throw new Error(errors[0].message);
    sizes[name] = gzipSync(code, { level: 9 }).length;
    const file = { path, code };
    files.push(file);
    return file;
  }

  /** Names a file for its content, so that it may be kept forever and no other build has another under its name. */
  function named(file, stem) {
    const name = `${stem}-${digest(file.code, 'sha256').replace(/\W/g, '').slice(0, 8)}.js`;
    file.path = join(out, 'widget', name);
    return name;
  }

  const pins = {};

  /** A part of its own. Returns its name. */
  async function part(name, source, define = {}) {
    const made = await bundle({
      ...shared,
      entryPoints: [join(here, 'src', source)],
      outdir: join(out, 'widget'),
      format: 'esm',
      define: { ...policy, ...define },
      mangleCache,
    });
    mangleCache = made.mangleCache;
    const file = keep(name, made.outputFiles[0], true);
    const called = named(file, name);
    pins[called] = digest(file.code, 'sha256');
    return called;
  }

  const spoken = {};
  for (const one of languages) spoken[one] = await part(one, `languages/${one}.ts`);
  const slots = await part('slots', 'slots.ts');
  const rescue = await part('rescue', 'rescue.ts');
  const extras = await part('extras', 'extras.ts');
  const panel = await part('panel', 'panel.ts', {
    SLOTS: JSON.stringify(slots),
    RESCUE: JSON.stringify(rescue),
    LANGUAGES: JSON.stringify(spoken),
  });
  /** The loader: as it is now, or as pages pin it, with the digests of its parts. */
  async function loader(name, PINS) {
    const made = await bundle({
      ...shared,
      entryPoints: [join(here, 'src/widget.ts')],
      outfile: join(out, 'widget.js'),
      format: 'iife',
      define: { ...policy, PANEL: JSON.stringify(panel), EXTRAS: JSON.stringify(extras), PINS },
      mangleCache,
    });
    return keep(name, made.outputFiles[0], false);
  }
  await loader('loader', 'undefined');
  const pinned = await loader('pinned', JSON.stringify(pins));
  const pin = { path: `/widget/${named(pinned, 'widget')}`, integrity: `sha384-${digest(pinned.code, 'sha384')}` };
  files.push({ path: join(out, 'widget-pinned.json'), code: `${JSON.stringify(pin)}\n` });
  const preview = await bundle({
    ...shared,
    entryPoints: [join(here, 'src/preview.ts')],
    outfile: join(out, 'widget-preview.js'),
    format: 'esm',
    define: { ...policy, PANEL: JSON.stringify(panel) },
    mangleCache,
  });
  keep('preview', preview.outputFiles[0], true);

  await mkdir(join(out, 'widget'), { recursive: true });
  for (const { path, code } of files) await writeFile(path, code);
  const current = new Set(files.map(({ path }) => basename(path)));
  for (const name of await readdir(join(out, 'widget'))) {
    if (!current.has(name)) await rm(join(out, 'widget', name));
  }
  return sizes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await build();
  for (const [name, budget] of Object.entries(budgets)) {
    const met = sizes[name] <= budget;
    console.log(`widget ${name}: ${sizes[name]} B gzipped, budget ${budget} B${met ? '' : ': exceeded'}`);
    if (!met) process.exitCode = 1;
  }
}
