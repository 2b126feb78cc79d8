// Bundles the widget and holds it to its size: `node widget/build.mjs` prints
// each gzipped size beside its budget and fails when one is exceeded.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build as bundle, transform } from 'esbuild';
import { replacements } from '../shared/policy/build.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const budgets = { loader: 2500, everything: 6000 };

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

/** Names that only loader and panel say to each other; both are built with the same short ones. */
const ours = /^(track|settle|flush|counting|blocked|choose|root|config|adopt|randomId|pack|send|counts)$/;

const shared = {
  bundle: true,
  minify: true,
  target: 'es2022',
  charset: 'utf8',
  legalComments: 'none',
  tsconfigRaw: {},
  write: false,
  mangleProps: ours,
  plugins: [styles],
  define: replacements('site'),
};

/** Builds into `out` and returns the gzipped sizes. */
export async function build(out = join(here, 'dist')) {
  const panel = await bundle({
    ...shared,
    entryPoints: [join(here, 'src/panel.ts')],
    entryNames: '[name]-[hash]',
    outdir: join(out, 'widget'),
    format: 'esm',
    mangleCache: {},
  });
  const panelFile = panel.outputFiles[0];
  const panelName = basename(panelFile.path);
  const loader = await bundle({
    ...shared,
    entryPoints: [join(here, 'src/widget.ts')],
    outfile: join(out, 'widget.js'),
    format: 'iife',
    define: { ...shared.define, PANEL: JSON.stringify(panelName) },
    mangleCache: panel.mangleCache,
  });
  const loaderFile = loader.outputFiles[0];

  await mkdir(join(out, 'widget'), { recursive: true });
  await writeFile(panelFile.path, panelFile.contents);
  await writeFile(loaderFile.path, loaderFile.contents);
  for (const name of await readdir(join(out, 'widget'))) {
    if (name !== panelName) await rm(join(out, 'widget', name));
  }

  const size = (file) => gzipSync(file.contents, { level: 9 }).length;
  return { loader: size(loaderFile), everything: size(loaderFile) + size(panelFile) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = await build();
  for (const [name, budget] of Object.entries(budgets)) {
    const met = sizes[name] <= budget;
    console.log(`widget ${name}: ${sizes[name]} B gzipped, budget ${budget} B${met ? '' : ': exceeded'}`);
    if (!met) process.exitCode = 1;
  }
}
