import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import type { Browser } from 'playwright-core';
import { manifest, replacements } from '../../../../../shared/policy/build.mjs';
import { asPages } from '../../../../../shared/policy/globals.mjs';
import { launch, open, storage } from '../../../../test/browser';
import { serve } from '../../../../test/server';

const revision = manifest.history.at(-1).revision;

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;
before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser.close();
  await host.close();
});

async function visit(path: string, signedIn = false) {
  host.world.reset();
  const token = host.world.token(host.world.user('ada@acme.example'));
  const watched = await open(browser, host.origin);
  if (signedIn) {
    await watched.page.goto('/cookies');
    await watched.page.evaluate((value) => localStorage.setItem('mc_token', value), token);
  }
  await watched.page.goto(path);
  return { ...watched, world: host.world, notice: watched.page.getByRole('region', { name: 'Cookie notice' }) };
}

test('notice: the part of its own is at most 1 kB gzipped', async () => {
  const { outputFiles } = await build({
    stdin: {
      contents: "export { Notice } from './cookie-notice'; export { forget } from './cookie-choice';",
      resolveDir: fileURLToPath(new URL('..', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    format: 'esm',
    loader: { '.css': 'empty' },
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    define: replacements('own'),
    external: ['preact', 'preact/*'],
    // What the pages have anyway.
    plugins: [
      {
        name: 'theirs',
        setup: (on) => on.onResolve({ filter: /\/(api|storage|button)$/ }, ({ path }) => ({ path, external: true })),
      },
    ],
  });
  const css = readFileSync(new URL('../cookie-notice.css', import.meta.url), 'utf8');
  assert.ok(css.length > 50);
  const code = outputFiles[0]!.text.replace(/import[^;]*;/g, ''); // one bundle in the end
  const bytes = gzipSync(code + css, { level: 9 }).length;
  console.log(`notice, code, words and style: ${bytes} B gzipped, budget 1000 B`);
  assert.ok(bytes <= 1000, `${bytes} B`);
});

test('notice: nothing before a choice, nothing by closing, back on the next visit', async () => {
  const { page, notice, context, world, bad } = await visit('/');
  await notice.getByText(manifest.notice).waitFor();
  assert.deepEqual(await storage(page), {});
  // Not an obstacle: no dialog, nothing inert, and the page beneath it works.
  assert.equal(await page.locator('dialog, [inert], [aria-modal]').count(), 0);
  await page.getByRole('link', { name: 'Start free' }).first().click();
  await page.getByRole('heading', { name: 'Create your account' }).waitFor();
  await notice.getByRole('button', { name: 'Close this notice' }).click();
  await notice.waitFor({ state: 'detached' });
  assert.deepEqual(await storage(page), {});
  assert.ok(!world.log.some((call) => call.includes('/v1/consent')), 'closing tells nobody');
  await page.reload();
  await notice.waitFor();
  assert.deepEqual(bad, []);
  await context.close();
});

test('notice: accepting keeps the choice with its receipt, and it stays away until the revision changes', async () => {
  const { page, notice, context, world, bad } = await visit('/register');
  await notice.getByRole('button', { name: 'OK' }).click();
  await notice.waitFor({ state: 'detached' });
  await page.waitForFunction(() => JSON.parse(localStorage.mc_cookies).receipt);
  const kept = JSON.parse((await storage(page)).mc_cookies!);
  assert.deepEqual(Object.keys(kept), ['revision', 'choice', 'at', 'receipt']);
  assert.deepEqual([kept.revision, kept.choice, kept.receipt], [revision, 'accepted', 'r_00000001']);
  assert.equal(new Date(kept.at).toISOString(), kept.at);
  await page.reload();
  await page.getByRole('heading', { name: 'Create your account' }).waitFor();
  await notice.waitFor({ state: 'detached' }); // written with the page, taken away when the script runs
  for (const other of [JSON.stringify({ ...kept, revision: 'another' }), 'accepted 2026-11-23', '{', 'null', '7']) {
    await page.evaluate((value) => localStorage.setItem('mc_cookies', value), other);
    await page.reload();
    await notice.waitFor();
  }
  assert.equal(world.consents.size, 1);
  assert.deepEqual(bad, []);
  await context.close();
});

test('notice: accepted even when the server does not answer', async () => {
  const { page, notice, context, world } = await visit('/register');
  world.planned.set('POST /v1/consent', 'drop');
  await notice.getByRole('button', { name: 'OK' }).click();
  await notice.waitFor({ state: 'detached' });
  await page.reload();
  await page.getByRole('heading', { name: 'Create your account' }).waitFor();
  await notice.waitFor({ state: 'detached' });
  assert.equal(JSON.parse((await storage(page)).mc_cookies!).receipt, '');
  await context.close();
});

test('notice: says what has changed since the revision that was accepted', async () => {
  asPages('own');
  const kept = new Map<string, string>();
  Object.assign(globalThis, {
    POLICY_NOTICE: {
      text: '',
      history: [
        ['a', 'First.'],
        ['b', 'A second key.'],
        ['c', 'It lasts longer.'],
      ],
    },
    localStorage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    },
  });
  const { news } = await import('../cookie-choice');
  assert.deepEqual(news(), []);
  for (const [accepted, want] of [
    ['a', ['A second key.', 'It lasts longer.']],
    ['b', ['It lasts longer.']],
    ['c', []],
    ['x', []],
  ] as const) {
    kept.set('mc_cookies', JSON.stringify({ revision: accepted }));
    assert.deepEqual(news(), want, accepted);
  }
});

test('storage: a key that the manifest does not list for our pages is refused', async () => {
  asPages('own');
  const { read, remove, write } = await import('../../../lib/storage');
  for (const key of ['mc_session', 'mc_other', '__proto__', 'constructor', 'toString']) {
    for (const use of [
      () => read(key as 'mc_token'),
      () => write(key as 'mc_token', 'x'),
      () => remove(key as 'mc_token'),
    ])
      assert.throws(use, /not in the published policy/, key);
  }
  // The list is the manifest's, not the module's own.
  const areas = (globalThis as unknown as { POLICY_AREAS: Record<string, string> }).POLICY_AREAS;
  delete areas.mc_token;
  assert.throws(() => write('mc_token', 'x'), /not in the published policy/);
  asPages('own');
});

test('no other module touches web storage, cookies, IndexedDB or caches', async () => {
  const { readdirSync } = await import('node:fs');
  for (const root of ['../../..', '../../../../../widget/src']) {
    const folder = new URL(`${root}/`, import.meta.url);
    const files = (readdirSync(folder, { recursive: true }) as string[]).filter(
      (name) => /\.tsx?$/.test(name) && !/\btest\//.test(name),
    );
    assert.ok(files.length > 5);
    for (const name of files) {
      if (/(^|\/)storage\.ts$/.test(name)) continue;
      const code = readFileSync(new URL(name, folder), 'utf8').replace(
        /\/\*[\s\S]*?\*\/|\/\/.*$|(['"`])(?:\\.|(?!\1)[^\\\n])*\1|>[^<>{}]*</gm,
        '',
      );
      assert.doesNotMatch(
        code,
        /\b(localStorage|sessionStorage|indexedDB|document\.cookie|cookieStore|caches)\b/,
        `${root}/${name}`,
      );
    }
  }
});

test('cookie policy: the manifest’s table, and two buttons that clear in one activation and say so', async () => {
  const { page, notice, context, world, bad } = await visit('/cookies', true);
  await notice.getByRole('button', { name: 'OK' }).click();
  await page.waitForFunction(() => JSON.parse(localStorage.mc_cookies).receipt);
  assert.deepEqual(Object.keys(await storage(page)).sort(), ['mc_cookies', 'mc_token']);
  const table = page.getByRole('table', { name: 'Storage of Mi Connect' });
  const rows = await table
    .getByRole('row')
    .evaluateAll((all) => all.slice(1).map((row) => [...row.children].map((cell) => cell.textContent)));
  assert.deepEqual(
    rows,
    manifest.storage.map((e) => [e.name, e.where, e.type, e.purpose, e.duration, e.setBy]),
  );
  const hosts = await page
    .getByRole('table', { name: 'Hosts that are contacted' })
    .getByRole('rowheader')
    .allTextContents();
  assert.deepEqual(
    hosts,
    manifest.hosts.map((e: { host: string }) => e.host.replace('{origin}', new URL(host.origin).host)),
  );
  await page.getByText('affect this website only').waitFor();

  await page.getByRole('button', { name: 'Clear Mi Connect preferences' }).press('Enter');
  await page.getByRole('status').getByText('preferences have been cleared').waitFor();
  assert.deepEqual(Object.keys(await storage(page)), ['mc_token']);
  await notice.waitFor();
  await page.waitForTimeout(100);
  assert.deepEqual([...world.consents.values()], ['withdrawn']);

  await notice.getByRole('button', { name: 'OK' }).click();
  await page.getByRole('button', { name: 'Clear everything and log out' }).press('Enter');
  await page.getByRole('status').getByText('Mi Connect no longer stores anything').waitFor();
  assert.deepEqual(await storage(page), {});
  assert.equal(world.sessions.size, 0);
  assert.deepEqual(bad, []);
  await context.close();
});

test('a visitor is found by number, copied and erased; the notice is confirmed', async () => {
  const { page, context, world, bad } = await visit('/cookies', true);
  const site = world.site('Acme Dental');
  world.callback(site, { name: 'Grace Hopper', email: 'grace@navy.example' });
  world.callback(site, { name: 'Somebody Else', phone: '+447700900999' });
  await page.goto(`/app/sites/${site.id}/privacy`);
  await page.getByLabel('Phone number or email').fill('07700 900123');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('Grace Hopper').waitFor();
  assert.equal(await page.getByText('Somebody Else').count(), 0);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download a copy' }).click(),
  ]);
  const copy = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.equal(copy.items[0].email, 'grace@navy.example');
  await page.getByRole('button', { name: 'Erase all' }).click();
  await page.getByRole('button', { name: 'Erase permanently' }).click();
  await page.getByText('1 request erased.').waitFor();
  assert.deepEqual(
    world.callbacks.get(site.id)!.map((item) => item.name),
    ['Somebody Else'],
  );
  await page.getByRole('button', { name: 'I’ve published it' }).click();
  await page.getByText('Published.').waitFor();
  assert.equal(world.published.length, 1);
  assert.deepEqual(Object.keys(await storage(page)), ['mc_token']);
  assert.deepEqual(bad, []);
  await context.close();
});

test('a visitor with 2,300 requests is copied and erased part by part; receipts come page by page', async () => {
  const { page, context, world, bad } = await visit('/cookies', true);
  const site = world.site('Acme Dental');
  for (let n = 0; n < 2300; n++) world.callback(site, { id: `c_${n}`, name: 'Grace Hopper' });
  for (let n = 0; n < 60; n++)
    world.erasures.push({ id: `r_older${n}`, via: 'link', count: 1, at: '2026-11-01T10:00:00Z' });
  await page.goto(`/app/sites/${site.id}/privacy`);
  await page.getByLabel('Phone number or email').fill('07700 900123');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.getByText('2,300 requests found.').waitFor();
  await page.getByText('Showing the latest 50 of 2,300 requests.').waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download a copy' }).click(),
  ]);
  const copy = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.equal(new Set(copy.items.map((item: { id: string }) => item.id)).size, 2300);
  await page.getByRole('button', { name: 'Erase all' }).click();
  await page.getByRole('button', { name: 'Erase permanently' }).click();
  await page.getByText('2,300 requests erased. The receipt is below.').waitFor();
  assert.equal(world.callbacks.get(site.id)!.length, 0);
  const receipts = page.getByRole('region', { name: 'Erasure receipts' }).getByRole('row');
  assert.equal(await receipts.count(), 51);
  await page.getByRole('button', { name: 'Load more' }).click();
  await page.getByText('r_older59').waitFor();
  assert.equal(await receipts.count(), 62);
  assert.deepEqual(bad, []);
  await context.close();
});
