// Prints what a first visit of each view fetches, gzipped, beside the budget; fails when one is over.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET = 90_000;
const dist = new URL('./dist/', import.meta.url);
const size = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

/** A part's files with all it imports at once; parts it may import later are counted where they are wanted. */
function files(key, found = new Set()) {
  const part = manifest[key];
  if (!part) throw new Error(`size: ${key} is not in the build`);
  if (found.has(part.file)) return found;
  found.add(part.file);
  for (const style of part.css ?? []) found.add(style);
  for (const next of part.imports ?? []) files(next, found);
  return found;
}

/** The views, and the parts of each beyond the first load; the document of a public page has the page in it. */
const views = {
  'start page': [],
  'log in': ['src/features/login/login.tsx'],
  'signed-in views': ['src/signed-in.tsx'],
  'overview with its picture': ['src/signed-in.tsx', 'src/features/statistics/bars.tsx'],
  'a visitor’s own request': ['src/features/inbox/visitor-request.tsx'],
  'cookie policy': ['src/features/privacy/cookies.tsx'],
  'privacy policy': ['src/features/privacy/privacy-policy.tsx'],
};

const documents = {
  'start page': 'index.html',
  'log in': 'login.html',
  'cookie policy': 'cookies.html',
  'privacy policy': 'privacy.html',
};

let over = false;
for (const [name, parts] of Object.entries(views)) {
  const wanted = new Set([documents[name] ?? 'app.html']);
  for (const key of ['index.html', ...parts]) files(key, wanted);
  const bytes = [...wanted].reduce((sum, file) => sum + size(file), 0);
  over ||= bytes > BUDGET;
  console.log(
    `${name.padEnd(30)} ${String(bytes).padStart(6)} B gz  budget ${BUDGET}  ${bytes > BUDGET ? 'OVER' : 'met'}`,
  );
}
console.log('files:');
for (const file of readdirSync(new URL('assets/', dist)).sort())
  console.log(`  ${file.padEnd(28)} ${String(size(`assets/${file}`)).padStart(6)} B gz`);
process.exit(over ? 1 : 0);
