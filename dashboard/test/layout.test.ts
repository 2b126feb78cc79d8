import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, normalize } from 'node:path/posix';
import { test } from 'node:test';

// Who may import whom under src: each place, and what it may use besides itself.
// A feature never sees another's insides: what two of them need is in lib or ui, and the roots put features together.
const MAY: Record<string, string[]> = {
  lib: [],
  ui: ['lib'],
  shell: ['lib', 'ui'],
  feature: ['lib', 'ui'],
  root: ['lib', 'ui', 'shell', 'feature'],
};
const FEATURES = ['billing', 'hours', 'inbox', 'login', 'marketing', 'privacy', 'sites', 'statistics', 'team'];

const src = new URL('../src/', import.meta.url);
const files = (readdirSync(src, { recursive: true }) as string[]).filter(
  (name) => /\.tsx?$/.test(name) && !/\/test\//.test(name),
);

const kind = (file: string) =>
  file.includes('/') ? (file.startsWith('features/') ? 'feature' : file.slice(0, file.indexOf('/'))) : 'root';
const feature = (file: string) => file.split('/')[1];

function imports(file: string, text: string): string[] {
  return [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.[^']+)'/g)].flatMap(([, to]) => {
    const path = normalize(`${dirname(file)}/${to}`);
    const found = [path, `${path}.ts`, `${path}.tsx`].find((name) => files.includes(name));
    return found ? [found] : [];
  });
}

/** What is wrong with the imports of a file, one line each. */
function faults(file: string, to: string[]): string[] {
  return to.flatMap((other) => {
    const [from, into] = [kind(file), kind(other)];
    if (from === 'feature' && into === 'feature')
      return feature(file) === feature(other) ? [] : [`${file} imports another feature: ${other}`];
    return from === into || MAY[from]?.includes(into) ? [] : [`${file} (${from}) imports ${other} (${into})`];
  });
}

/** The first circle of a graph, as its files; undefined when there is none. */
function circle(graph: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, path: string[]): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const next of graph.get(file) ?? []) {
      const found = walk(next, [...path, file]);
      if (found) return found;
    }
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const found = walk(file, []);
    if (found) return found;
  }
  return undefined;
}

const graph = new Map(files.map((file) => [file, imports(file, readFileSync(new URL(file, src), 'utf8'))]));

test('layout: the features are the subjects, and every import is allowed', () => {
  assert.deepEqual(readdirSync(new URL('features/', src)).sort(), FEATURES);
  assert.ok(files.length > 80 && [...graph.values()].flat().length > 300, 'the imports were read');
  assert.deepEqual(
    [...graph].flatMap(([file, to]) => faults(file, to)),
    [],
  );
});

test('layout: no circles', () => {
  assert.equal(circle(graph)?.join(' -> '), undefined);
});

test('layout: the rules find what breaks them', () => {
  assert.equal(faults('features/inbox/inbox.tsx', ['features/sites/sites.tsx']).length, 1);
  assert.equal(faults('ui/page.tsx', ['features/sites/sites.tsx', 'shell/header.tsx']).length, 2);
  assert.equal(faults('lib/api.ts', ['ui/toast.tsx']).length, 1);
  assert.deepEqual(
    circle(
      new Map([
        ['a', ['b']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
    ['b', 'c', 'b'],
  );
});
