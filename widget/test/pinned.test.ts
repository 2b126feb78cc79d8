// What is kept for ever under its name must be the same wherever it is built.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { builtWidget } from './pages';

let one: Awaited<ReturnType<typeof builtWidget>>;
let other: typeof one;
before(async () => {
  one = await builtWidget();
  other = await builtWidget();
});
after(async () => {
  await one.remove();
  await other.remove();
});

const digest = (content: Buffer, algorithm: string) => createHash(algorithm).update(content).digest('base64');

async function files(dir: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(dir, { recursive: true })).filter((name) => /\.\w+$/.test(name)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(dir, name))] as const)));
}

test('two builds are equal, file by file', async () => {
  const digests = async (dir: string) =>
    [...(await files(dir))].map(([name, content]) => `${digest(content, 'sha256')}  ${name}`);
  const built = await digests(one.dir);
  assert.ok(built.length >= 13, built.join('\n'));
  assert.deepEqual(await digests(other.dir), built);
});

test('each file that is kept for ever is named for its content, and the pinned loader knows all of them', async () => {
  const built = await files(one.dir);
  const { path, integrity } = JSON.parse(built.get('widget-pinned.json')!.toString());
  const loader = built.get(path.slice(1))!;
  assert.equal(`sha384-${digest(loader, 'sha384')}`, integrity);
  for (const [name, content] of built) {
    if (!name.startsWith('widget/')) continue;
    const sum = digest(content, 'sha256');
    assert.equal(/-(\w{8})\.js$/.exec(name)?.[1], sum.replace(/\W/g, '').slice(0, 8), name);
    if (name !== path.slice(1)) assert.ok(loader.includes(sum.replace(/=$/, '')), `the loader does not know ${name}`);
  }
  assert.ok(!built.get('widget.js')!.includes('sha256-'), 'the usual loader carries none of it');
});
