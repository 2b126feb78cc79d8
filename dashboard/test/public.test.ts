import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { axe, launch, open, storage, withAxe } from './browser';
import { pageRouter } from './router';
import { serve } from './server';

// What somebody reads who has no JavaScript, or is a search engine.
const PUBLIC: Record<string, { heading: string; says: string }> = {
  '/': { heading: 'The call you would have missed.', says: 'Callback requests are never linked to statistics.' },
  '/pricing': { heading: 'Simple pricing', says: '£49' },
  '/register': { heading: 'Create your account', says: 'data processing agreement' },
  '/login': { heading: 'Log in', says: 'Forgot your password?' },
  '/terms': { heading: 'Terms', says: 'Data processing agreement' },
  '/privacy': { heading: 'Privacy policy', says: 'How long we keep it' },
  '/cookies': { heading: 'Cookie policy', says: 'mc_session' },
};

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;
before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser.close();
  await host.close();
});

describe('public pages', () => {
  for (const [path, { heading, says }] of Object.entries(PUBLIC)) {
    test(`${path} is read without JavaScript, and stays as it is with it`, async () => {
      const plain = await open(browser, host.origin, { javaScriptEnabled: false });
      await plain.page.goto(path);
      assert.equal(await plain.page.locator('h1').count(), 1);
      await plain.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      await plain.page.getByText(says).first().waitFor();
      assert.ok(await plain.page.locator('.no-script').isVisible());
      const title = await plain.page.title();
      assert.match(title, /Mi Connect/);
      const attribute = (selector: string, name: string) => plain.page.locator(selector).getAttribute(name);
      assert.ok((await attribute('meta[name="description"]', 'content'))!.length > 40);
      assert.equal(await attribute('meta[property="og:title"]', 'content'), title);
      assert.match((await attribute('meta[property="og:image"]', 'content'))!, /\/social\.png$/);
      const canonical = (await attribute('link[rel="canonical"]', 'href'))!;
      assert.equal(new URL(canonical, host.origin).pathname, path);
      // Nothing that was typed may end up in an address or a log when a form is sent without the script.
      assert.equal(await plain.page.locator('form:not([method="post"])').count(), 0);
      assert.equal(await plain.page.getByRole('region', { name: 'Cookie notice' }).isVisible(), false);
      assert.deepEqual(plain.bad, []);
      await plain.context.close();

      const full = await open(browser, host.origin);
      await withAxe(full.context);
      await full.page.goto(path, { waitUntil: 'networkidle' });
      await full.page.getByRole('button', { name: 'OK' }).click();
      await full.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
      assert.equal(await full.page.locator('main').count(), 1);
      assert.equal(await full.page.title(), title);
      assert.deepEqual(await axe(full.page), []);
      assert.deepEqual(Object.keys(await storage(full.page)), ['mc_cookies']);
      assert.deepEqual(full.bad, []);
      await full.context.close();
    });
  }

  for (const [path, selector] of [
    ['/', '.hero'],
    ['/login', 'form'],
    ['/register', 'form'],
    ['/terms', '.policy'],
  ] as const) {
    test(`what was written of ${path} at build time is drawn over, not again`, async () => {
      const { page, context, bad } = await open(browser, host.origin);
      await page.addInitScript((wanted) => {
        document.addEventListener('DOMContentLoaded', () => {
          Object.assign(globalThis, { before: document.querySelector(wanted) });
        });
      }, selector);
      await page.goto(path, { waitUntil: 'networkidle' });
      await page.getByRole('button', { name: 'OK' }).click();
      await page.getByRole('region', { name: 'Cookie notice' }).waitFor({ state: 'detached' });
      assert.ok(
        await page.evaluate((wanted) => {
          const { before } = globalThis as unknown as { before: Element | null };
          return before !== null && before === document.querySelector(wanted);
        }, selector),
      );
      assert.deepEqual(bad, []);
      await context.close();
    });
  }

  test('the start page fetches neither the API client nor a form', async () => {
    const parts: Record<string, { file: string; name: string }> = JSON.parse(
      readFileSync(new URL('../dist/.vite/manifest.json', import.meta.url), 'utf8'),
    );
    const parted = Object.values(parts).filter(({ name }) => ['api', 'form', 'login', 'signed-in'].includes(name));
    assert.ok(parted.length >= 4, 'the parts are there');
    const { page, context } = await open(browser, host.origin);
    const fetched: string[] = [];
    page.on('request', (request) => fetched.push(new URL(request.url()).pathname.slice(1)));
    await page.goto('/', { waitUntil: 'networkidle' });
    assert.ok(fetched.some((file) => file.startsWith('assets/')));
    assert.deepEqual(
      parted.filter(({ file }) => fetched.includes(file)),
      [],
    );

    // With the pointer on its link, the form is on its way.
    const { file } = parts['src/features/login/login.tsx']!;
    const login = page.getByRole('link', { name: 'Log in' });
    await Promise.all([page.waitForResponse(`**/${file}`), login.hover()]);
    await context.close();
  });

  test('an address that leads nowhere is answered with 404, and a page that says so', async () => {
    for (const path of ['/nowhere', '/app/nowhere', '/login/', '/terms.html', '/index.html', '/missing.js']) {
      const answer = await fetch(host.origin + path);
      assert.equal(answer.status, path === '/login/' ? 200 : 404, path);
      assert.match(answer.headers.get('content-security-policy')!, /default-src 'none'/, path);
    }
    const { page, context } = await open(browser, host.origin);
    await withAxe(context);
    await page.goto('/nowhere');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    assert.deepEqual(await axe(page), []);
    await context.close();
  });

  test('robots.txt and sitemap.xml name this origin', async () => {
    assert.match(
      await (await fetch(`${host.origin}/robots.txt`)).text(),
      new RegExp(`Sitemap: ${host.origin}/sitemap.xml`),
    );
    const map = await (await fetch(`${host.origin}/sitemap.xml`)).text();
    const named = [...map.matchAll(/<loc>(.*?)<\/loc>/g)].map(([, address]) => new URL(address!));
    assert.deepEqual(named.map((url) => url.pathname).sort(), Object.keys(PUBLIC).sort());
    for (const url of named) assert.equal(url.origin, host.origin);
  });

  test('manifest and icons are there', async () => {
    const manifest = await (await fetch(`${host.origin}/site.webmanifest`)).json();
    for (const { src } of manifest.icons) assert.equal((await fetch(host.origin + src)).status, 200, src);
    for (const path of ['/favicon.svg', '/apple-touch-icon.png', '/social.png'])
      assert.equal((await fetch(host.origin + path)).status, 200, path);
  });
});

test('the CDN knows every page, and no more', () => {
  const route = pageRouter(() => 'https://connect.example');
  const source = (name: string) => readFileSync(new URL(`../src/${name}`, import.meta.url), 'utf8');
  const publicPages = [...source('app.tsx').matchAll(/^ {2}'(\/[^']*)':/gm)].map((m) => m[1]!);
  const signedIn = [...source('signed-in.tsx').matchAll(/match\('(\/app[^']*)'/g)].map((m) => m[1]!);
  const tabs = [...source('signed-in.tsx').matchAll(/^ {2}'?(\w+)'?: \{\s+name: '/gm)].map((m) => m[1]!);
  assert.ok(publicPages.length > 15 && signedIn.length > 8 && tabs.length === 5);
  const files = Object.fromEntries(
    Object.keys(PUBLIC).map((path) => [path, path === '/' ? '/index.html' : `${path}.html`]),
  );
  for (const path of publicPages) assert.deepEqual({ ...route(path) }, { uri: files[path] ?? '/app.html' }, path);
  for (const path of signedIn) {
    for (const tab of path.includes(':tab') ? tabs : ['']) {
      const address = path.replace(':id', 'st_1').replace(':tab', tab);
      assert.deepEqual({ ...route(address) }, { uri: '/app.html' }, address);
    }
  }
  for (const path of ['/app/sites/st_1/other', '/app/other', '/applications', '/login/other', '/v2', '/Login']) {
    assert.ok('statusCode' in route(path), path);
  }
});
