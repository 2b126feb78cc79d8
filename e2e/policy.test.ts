// The published policy against a real browser, both ways: in every state a person can bring our pages and
// a customer's page into, nothing is kept and nobody is contacted that the manifest does not list, and
// everything it lists is seen. Then: what the run has logged, and what it has left in the tables.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { manifest } from '../shared/policy/build.mjs';
import { launch, profile } from './browser.ts';
import { Observer } from './observe.ts';
import { leaks, lines } from './quiet.ts';
import { register } from './register.ts';
import { Stack } from './stack.ts';
import { tables } from './tables.ts';

interface Listed {
  name: string;
  kind: string;
  pages: string[];
}
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const source = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

const owner = { email: 'owner@crawl.example', password: 'a long enough password' };
const visitor = {
  name: 'Ada Crawl',
  phone: '07700 900456',
  e164: '+447700900456',
  email: 'ada@crawl.example',
  message: 'About the boiler in the attic.',
};

// Read from the pages' own lists, so that a page added later is a page crawled.
const PUBLIC = [...source('dashboard/src/app.tsx').matchAll(/^ {2}'(\/[^']*)':/gm)].map((m) => m[1]!);
const SIGNED = [...source('dashboard/src/signed-in.tsx').matchAll(/match\('(\/app[^']*)'/g)]
  .map((m) => m[1]!)
  .filter((p) => !p.includes(':'));
const TABS = [...source('dashboard/src/signed-in.tsx').matchAll(/^ {2}'?(\w*)'?: \{ name: '/gm)].map((m) => m[1]!);
const DEMO = ['/', '/services', '/pricing', '/about', '/contact'];

describe('the policy tells the truth', { timeout: 300_000 }, () => {
  let stack: Stack,
    browser: Browser,
    seen: Observer,
    site: { id: string; key: string },
    manage = '';
  const axed = new Set<string>();

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    seen = new Observer((url) =>
      /^https:\/\/(checkout|billing)\.stripe\.com\//.test(url) || url.startsWith(`${stack.origin}/_local/stripe/`)
        ? 'payment'
        : url.startsWith(stack.origin)
          ? 'own'
          : url.startsWith(stack.demo)
            ? 'site'
            : 'elsewhere',
    );
    const post = async (path: string, body: object, bearer = '') => {
      const answer = await fetch(stack.origin + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${bearer}` },
      });
      assert.ok(answer.ok, `${path}: ${answer.status}`);
      return answer.json() as Promise<any>;
    };
    await post('/v1/register', { ...owner, name: 'Olga Owner', company: 'Crawl Plumbing' });
    const link = (await stack.mail(owner.email)).links.find((l) => l.includes('token='))!;
    const { token } = await post('/v1/verify', {
      token: new URL(link).searchParams.get('token'),
      password: owner.password,
    });
    seen.secrets.add(token).add(new URL(link).searchParams.get('token')!);
    site = await post('/v1/sites', { name: 'Crawl Plumbing', origins: [stack.demo] }, token);
    await post('/v1/register', {
      email: 'waiting@crawl.example',
      password: owner.password,
      name: 'Wanda',
      company: 'Waiting',
    });
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  /** A fresh profile in a state. */
  async function fresh(
    state: string,
    run: (page: Page, context: BrowserContext) => Promise<void>,
    options: Parameters<Browser['newContext']>[0] = {},
  ) {
    const { context, faults } = await profile(browser, options);
    await seen.watch(context, state);
    const page = await context.newPage();
    await run(page, context);
    // The browser itself notes a refusal by the API as an error; addresses that lead nowhere are crawled too.
    assert.deepEqual(
      faults.filter((f) => !/Failed to load resource: .* status of 4\d\d/.test(f)),
      [],
      state,
    );
    await context.close();
  }

  const own = (path: string) =>
    stack.origin +
    path
      .replace('/verify', '/verify?token=none')
      .replace('/request', `/request?token=${encodeURIComponent(manage || 'none')}`);
  const theirs = (path = '/', more = '') => `${stack.demo}${path}?site=${site.key}${more}`;

  async function open(page: Page, url: string) {
    await page.goto(url);
    await page.locator('h1').first().waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
  }

  /** Goes through all public pages, and says that each holds exactly these keys. */
  async function crawl(page: Page, state: string, want: string[], axe = false) {
    for (const path of [...PUBLIC, '/nowhere']) {
      await open(page, own(path));
      assert.deepEqual(await seen.look(page, state), want, `${state}: ${path}`);
      if (axe) await accessible(page);
    }
  }

  async function accessible(page: Page) {
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as any).axe.run({ resultTypes: ['violations'] });
      return violations.flatMap((v: any) => v.nodes.map((n: any) => `${v.id}: ${n.html.slice(0, 200)}`)) as string[];
    });
    assert.deepEqual(found, [], `axe: ${page.url()}`);
    const at = new URL(page.url());
    axed.add((at.origin === stack.demo ? 'demo' : '') + at.pathname.replace(site.id, '…'));
  }

  const counted = async (page: Page, letters: string) => {
    await page.waitForFunction((l) => sessionStorage.getItem('mc_session')?.endsWith(l), `.${letters}`, {
      timeout: 10_000,
    });
  };
  const button = (page: Page) => page.getByRole('button', { name: 'Request a call' }).first();
  const toggle = (page: Page) => page.getByRole('switch', { name: 'Anonymous statistics' });
  async function ask(page: Page) {
    const [answer] = await Promise.all([
      page.waitForResponse((r) => r.url().endsWith('/v1/callbacks') && r.request().method() === 'POST'),
      (async () => {
        await page.getByLabel('Your name').fill(visitor.name);
        await page.getByLabel('Phone number').fill(visitor.phone);
        await page.getByText('Add details').click();
        await page.getByLabel('Email (optional)').fill(visitor.email);
        await page.getByLabel('Message (optional)').fill(visitor.message);
        await page.getByRole('dialog').getByRole('button', { name: 'Request a call' }).click();
      })(),
    ]);
    assert.equal(answer.status(), 201);
    await page.getByRole('heading', { name: /Thank you/ }).waitFor();
    const token = new URL((await answer.json()).manageUrl).searchParams.get('token')!;
    seen.secrets.add(token);
    return token;
  }
  const beacons = (state: string) => seen.contacts.filter((c) => c.state === state && c.path === '/v1/events').length;

  it('finds the pages to crawl', () => {
    assert.ok(PUBLIC.includes('/cookies') && PUBLIC.length >= 7, String(PUBLIC));
    assert.ok(SIGNED.includes('/app') && TABS.includes('privacy') && TABS.length >= 5, `${SIGNED} ${TABS}`);
  });

  it('sees what is not listed, also when it is gone at once', async () => {
    const other = new Observer((url) => (url.startsWith(stack.demo) ? 'site' : 'elsewhere'));
    const { context } = await profile(browser);
    await other.watch(context, 'check');
    const page = await context.newPage();
    await page.goto(`${stack.demo}/`); // without the widget
    await page.evaluate(async (elsewhere) => {
      localStorage.setItem('fleeting', '1');
      localStorage.removeItem('fleeting');
      sessionStorage.assigned = '1';
      document.cookie = 'crumb=1';
      await new Promise((done) => (indexedDB.open('base').onsuccess = done));
      await caches.open('cache');
      await fetch(elsewhere, { mode: 'no-cors' }).catch(() => undefined);
    }, `http://127.0.0.1:${stack.port}/robots.txt`);
    const held = await other.look(page, 'check');
    assert.deepEqual(held, ['cache cache', 'cookie crumb', 'indexedDB base', 'sessionStorage assigned']);
    assert.ok(other.storage.some((s) => s.name === 'fleeting' && s.kind === 'localStorage' && s.pages === 'site'));
    assert.ok(other.contacts.some((c) => c.host === `127.0.0.1:${stack.port}` && c.pages === 'site'));
    await context.close();
    // And the search of logs finds what is planted.
    const token = `u_0123456789abcdef.${'a'.repeat(43)}.abc`;
    for (const planted of [
      'ada@shop.example',
      '07700 900123',
      '+447700900123',
      '+33123456789',
      token,
      `c_0123456789abcdef~x.${'b'.repeat(43)}`,
    ]) {
      assert.equal(leaks([`{"route":"x","error":"${planted}"}`]).length > 0, true, planted);
    }
    assert.deepEqual(
      leaks([
        '{"requestId":"6a5f2f30-1f38-4c0e-9a53-b1a1f1f0a001","us":1234567,"timestamp":"2026-11-23T15:21:24.123456789Z"} privacy@mi-telecom.co.uk',
      ]),
      [],
    );
    assert.equal(leaks(['visit abcdefghijklmnopqrstuv'], ['abcdefghijklmnopqrstuv']).length, 1);
  });

  it('nothing clicked', () =>
    fresh('nothing clicked', async (page) => {
      await crawl(page, 'nothing clicked', [], true);
      for (const path of DEMO) {
        await open(page, theirs(path));
        await button(page).waitFor();
        await counted(page, 'i');
        assert.deepEqual(await seen.look(page, 'nothing clicked'), ['sessionStorage mc_session'], path);
        await accessible(page);
      }
    }));

  it('accepted, and taken back', () =>
    fresh('accepted', async (page) => {
      await open(page, own('/'));
      await page.getByRole('region', { name: 'Cookie notice' }).getByRole('button', { name: 'OK' }).click();
      await page.waitForFunction(() => JSON.parse(localStorage.getItem('mc_cookies') ?? '{}').receipt);
      const kept = JSON.parse((await page.evaluate(() => localStorage.getItem('mc_cookies')))!);
      assert.deepEqual(Object.keys(kept), ['revision', 'choice', 'at', 'receipt']);
      const receipt = (await (await fetch(`${stack.origin}/v1/consent/${kept.receipt}`)).json()) as Record<
        string,
        string
      >;
      assert.deepEqual(
        [receipt.revision, receipt.choice, receipt.at, receipt.page],
        [kept.revision, 'accepted', kept.at, '/'],
      );
      await crawl(page, 'accepted', ['localStorage mc_cookies']);
      assert.equal(await page.getByRole('region', { name: 'Cookie notice' }).count(), 0);

      await open(page, own('/cookies'));
      await page.getByRole('button', { name: 'Clear Mi Connect preferences' }).click();
      await page.getByRole('status').getByText('preferences have been cleared').waitFor();
      assert.deepEqual(await seen.look(page, 'accepted'), []);
      let after: Record<string, string> = {};
      for (let n = 0; n < 50 && !after.withdrawnAt; n++) {
        await page.waitForTimeout(100);
        after = (await (await fetch(`${stack.origin}/v1/consent/${kept.receipt}`)).json()) as Record<string, string>;
      }
      assert.ok(after.withdrawnAt, 'the withdrawal is kept too');
    }));

  it('declined', () =>
    fresh('declined', async (page) => {
      await open(page, own('/'));
      await page.getByRole('button', { name: 'Close this notice' }).click();
      assert.deepEqual(await seen.look(page, 'declined'), []);
      await crawl(page, 'declined', []);
      // On a customer's page that asks first, and is told no.
      await open(page, theirs('/', '&consent=required'));
      await button(page).waitFor();
      assert.deepEqual(await seen.look(page, 'declined'), []);
      await page.evaluate(() => (globalThis as any).MiConnect.consent(false));
      await button(page).click();
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(1500);
      assert.deepEqual(await seen.look(page, 'declined'), []);
      assert.equal(beacons('declined'), 0);
    }));

  it("widget opened, submitted, and the visitor's own link", () =>
    fresh('widget opened', async (page) => {
      await open(page, theirs());
      await button(page).click();
      await page.getByRole('dialog').waitFor();
      await counted(page, 'io');
      assert.deepEqual(await seen.look(page, 'widget opened'), ['sessionStorage mc_session']);
      await accessible(page);
      manage = await ask(page);
      await counted(page, 'ios');
      assert.deepEqual(await seen.look(page, 'submitted'), ['sessionStorage mc_session']);
      await accessible(page);
      await open(page, own('/request'));
      await page.getByRole('heading', { name: 'Crawl Plumbing will call you' }).waitFor();
      assert.deepEqual(await seen.look(page, 'submitted'), []);
      await accessible(page);
    }));

  it('objected, the form still works, and back in as many steps', () =>
    fresh('objected', async (page) => {
      await open(page, theirs());
      await button(page).click();
      await counted(page, 'io');
      const before = beacons('objected');
      await toggle(page).click();
      assert.deepEqual(await seen.look(page, 'objected'), ['localStorage mc_cookies']);
      const kept = JSON.parse((await page.evaluate(() => localStorage.getItem('mc_cookies')))!);
      assert.deepEqual([kept.revision, kept.choice], [manifest.history.at(-1).revision, 'declined']);
      await ask(page);
      for (const path of DEMO) {
        await open(page, theirs(path));
        await button(page).waitFor();
        assert.deepEqual(await seen.look(page, 'objected'), ['localStorage mc_cookies'], path);
      }
      await button(page).click();
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(1500);
      assert.equal(beacons('objected'), before, 'nothing is counted after the objection');
      await toggle(page).click();
      await page.waitForFunction(() => sessionStorage.getItem('mc_session'));
      assert.deepEqual(await seen.look(page, 'objected'), ['sessionStorage mc_session']);
    }));

  it('GPC on', async () => {
    const gpc = { extraHTTPHeaders: { 'Sec-GPC': '1' } };
    await fresh(
      'GPC on',
      async (page, context) => {
        await context.addInitScript({
          content: `Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })`,
        });
        await crawl(page, 'GPC on', []);
        await open(page, theirs());
        await button(page).click();
        await page.getByRole('dialog').waitFor();
        assert.equal(await toggle(page).isDisabled(), true);
        await ask(page);
        await page.waitForTimeout(1500);
        assert.deepEqual(await seen.look(page, 'GPC on'), []);
        assert.equal(beacons('GPC on'), 0);
      },
      gpc,
    );
    // Only the header tells: the page cannot know, the server heeds it.
    const visits = async () => {
      const login = (await (
        await fetch(`${stack.origin}/v1/login`, { method: 'POST', body: JSON.stringify(owner) })
      ).json()) as { token: string };
      seen.secrets.add(login.token);
      const stats = await fetch(`${stack.origin}/v1/sites/${site.id}/stats`, {
        headers: { authorization: `Bearer ${login.token}` },
      });
      return ((await stats.json()) as { totals: { impressions: number } }).totals.impressions;
    };
    await new Promise((done) => setTimeout(done, 4000)); // what earlier states have sent is counted by now
    const before = await visits();
    assert.ok(before > 0);
    await fresh(
      'GPC by header alone',
      async (page) => {
        await open(page, theirs());
        await counted(page, 'i');
      },
      gpc,
    );
    await new Promise((done) => setTimeout(done, 4000));
    assert.equal(await visits(), before);
  });

  it('logged in', () =>
    fresh('logged in', async (page) => {
      await open(page, own('/login'));
      await page.getByLabel('Email').fill(owner.email);
      await page.getByLabel('Password', { exact: true }).fill(owner.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.waitForURL(`${stack.origin}/app**`);
      for (const path of [...SIGNED, ...TABS.map((tab) => `/app/sites/${site.id}${tab && `/${tab}`}`)]) {
        await open(page, own(path));
        assert.deepEqual(await seen.look(page, 'logged in'), ['localStorage mc_token'], path);
        await accessible(page);
      }
      // The business answers a visitor: a copy, then erasure; and confirms its notice.
      const counts = () =>
        page.evaluate(
          async (id) =>
            (
              await (
                await fetch(`/v1/sites/${id}/stats`, {
                  headers: { authorization: `Bearer ${localStorage.getItem('mc_token')}` },
                })
              ).json()
            ).totals,
          site.id,
        );
      const before = await counts();
      await open(page, own(`/app/sites/${site.id}/privacy`));
      await page.getByRole('button', { name: 'I’ve published it' }).click();
      await page.getByText('Published.').waitFor();
      await page.getByLabel('Phone number or email').fill(visitor.email);
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByText('3 requests found.').waitFor();
      await accessible(page);
      await page.getByRole('button', { name: 'Erase all' }).click();
      await page.getByRole('button', { name: 'Erase permanently' }).click();
      await page.getByText('3 requests erased.').waitFor();
      assert.deepEqual(await counts(), before, 'counts stay');
      await open(page, own('/request'));
      await page.getByRole('heading', { name: 'Request not found' }).waitFor();

      await open(page, own('/privacy'));
      await page.getByLabel('Email').fill(visitor.email);
      await page.getByLabel('What should we look into?').fill('Please explain.');
      await page.getByRole('button', { name: 'Send complaint' }).click();
      const number = /d_[0-9a-z]+/.exec((await page.getByText(/Your complaint number is/).textContent())!)![0];
      const acknowledged = await stack.mail(visitor.email);
      assert.match(acknowledged.text, new RegExp(number));
      // It is passed on once whoever reads that mail confirms it.
      const confirm = acknowledged.links.find((l) => l.includes('/complaint?token='))!;
      seen.secrets.add(new URL(confirm).searchParams.get('token')!);
      await open(page, confirm);
      await page.getByRole('button', { name: 'Confirm complaint' }).click();
      await page.getByRole('heading', { name: 'Your complaint is confirmed' }).waitFor();
      assert.match((await stack.mail('privacy@mi-telecom.co.uk')).text, /Please explain\./);

      await open(page, own('/cookies'));
      await page.getByRole('button', { name: 'Clear everything and log out' }).click();
      await page.getByRole('status').getByText('Mi Connect no longer stores anything').waitFor();
      assert.deepEqual(await seen.look(page, 'logged in'), []);
    }));

  // Until there is something to pay for, there is no such state.
  it(
    'checked out',
    { skip: !source('template.yaml').includes('/v1/billing/checkout') && 'no billing in the template' },
    () =>
      fresh('checked out', async (page) => {
        await open(page, own('/login'));
        await page.getByLabel('Email').fill(owner.email);
        await page.getByLabel('Password', { exact: true }).fill(owner.password);
        await page.getByRole('button', { name: 'Log in' }).click();
        await page.waitForURL(`${stack.origin}/app**`);
        const url = await page.evaluate(async () => {
          const answer = await fetch('/v1/billing/checkout', {
            method: 'POST',
            body: JSON.stringify({ plan: 'business', interval: 'month' }),
            headers: {
              'content-type': 'application/json',
              authorization: `Bearer ${localStorage.getItem('mc_token')}`,
            },
          });
          return ((await answer.json()) as { url: string }).url;
        });
        assert.equal(
          seen.contacts.filter((c) => c.pages === 'payment').length,
          0,
          "nothing of Stripe's before its own page",
        );
        await page.goto(url);
        await page.getByRole('button', { name: 'Pay with a card that works' }).click();
        await page.waitForURL((at) => !at.pathname.startsWith('/_local/'));
        await page.locator('h1').first().waitFor();
        assert.deepEqual(await seen.look(page, 'checked out'), ['localStorage mc_token']);
        assert.ok(seen.contacts.some((c) => c.pages === 'payment' && c.state === 'checked out'));
      }),
  );

  it('is what the manifest says, both ways', () => {
    const states = [
      'nothing clicked',
      'accepted',
      'declined',
      'logged in',
      'checked out',
      'widget opened',
      'submitted',
      'objected',
      'GPC on',
      'GPC by header alone',
    ];
    const listed = manifest.storage as Listed[];
    const on = (pages: string) => (pages === 'own' ? 'our pages' : pages === 'site' ? 'customer’s page' : pages);
    const rows: string[][] = [];
    for (const entry of listed) {
      for (const pages of entry.pages) {
        const hits = seen.storage.filter((s) => s.kind === entry.kind && s.name === entry.name && s.pages === pages);
        rows.push([
          entry.name,
          entry.kind,
          on(pages),
          pages === 'payment'
            ? 'Stripe’s own page only'
            : states.filter((s) => hits.some((h) => h.state === s)).join(', ') || 'NEVER SEEN',
        ]);
      }
    }
    const unlisted = seen.storage.filter(
      (s) => !listed.some((e) => e.kind === s.kind && e.name === s.name && e.pages.includes(s.pages)),
    );
    for (const s of unlisted) rows.push([s.name, s.kind, on(s.pages), `${s.state}: NOT LISTED`]);

    const ours = new URL(stack.origin).host,
      customer = new URL(stack.demo).host;
    const hosts = (manifest.hosts as { host: string; pages: string[] }[]).map((h) => ({
      ...h,
      host: h.host.replace('{origin}', ours),
    }));
    for (const host of hosts) {
      for (const pages of host.pages) {
        const hits = seen.contacts.filter((c) => c.host === host.host && c.pages === pages);
        rows.push([
          host.host,
          'host',
          on(pages),
          pages === 'payment'
            ? 'Stripe’s own page only'
            : states.filter((s) => hits.some((h) => h.state === s)).join(', ') || 'NEVER SEEN',
        ]);
      }
    }
    // Stripe's stand-in on this machine answers for Stripe's own pages.
    const standIn = (c: { pages: string; host: string }) => c.pages === 'payment' && c.host === ours;
    const strangers = seen.contacts.filter(
      (c) =>
        !(c.pages === 'site' && c.host === customer) &&
        !standIn(c) &&
        !hosts.some((h) => h.host === c.host && h.pages.includes(c.pages)),
    );
    for (const c of strangers) rows.push([c.host, 'host', on(c.pages), `${c.state}: NOT LISTED`]);
    print(['what', 'kind', 'where', 'seen in'], rows);
    assert.deepEqual(
      rows.filter((r) => /NEVER SEEN|NOT LISTED/.test(r[3]!)),
      [],
    );
    // Nothing of Stripe's, nor of its stand-in here, but on Stripe's own page.
    const stripes = seen.contacts.filter(
      (c) => /(^|\.)stripe\.(com|network)$/.test(c.host) || c.path.startsWith('/_local/'),
    );
    assert.deepEqual(
      stripes.filter((c) => c.pages !== 'payment'),
      [],
    );
    console.log(`axe found nothing on ${axed.size} pages: ${[...axed].join(' ')}`);
  });

  it('leaves nothing personal in a log, and nothing in a table without a reason', async () => {
    // What the pages do not reach: every kind of write, once more, from outside.
    const call = (method: string, path: string, body?: object | string, headers: Record<string, string> = {}) =>
      fetch(stack.origin + path, {
        method,
        headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 Chrome/142.0', ...headers },
        body: typeof body === 'object' ? JSON.stringify(body) : body,
      });
    const { token } = (await (await call('POST', '/v1/login', owner)).json()) as { token: string };
    seen.secrets.add(token);
    const beacon = {
      site: site.key,
      session: 'abcdefghijklmnopqrstuv',
      page: '/a/ada@crawl.example/07700900456',
      source: 'news.example',
      events: [{ type: 'submit', t: 1 }],
    };
    seen.secrets.add(beacon.session);
    for (const headers of [
      { origin: stack.demo },
      { origin: 'https://foreign.example' },
      { origin: stack.demo, 'user-agent': 'Googlebot' },
    ]) {
      assert.equal((await call('POST', '/v1/events', beacon, headers as Record<string, string>)).status, 202);
    }
    const wish = {
      site: site.key,
      name: visitor.name,
      phone: visitor.phone,
      email: visitor.email,
      department: 'Sales',
      message: visitor.message,
      at: new Date(Date.now() + 3.6e6).toISOString(),
      page: `${stack.demo}/x?mail=${visitor.email}`,
    };
    const made = await call('POST', '/v1/callbacks', wish, { origin: stack.demo, 'idempotency-key': 'crawl-key-0001' });
    assert.equal(made.status, 201);
    const { id, manageUrl } = (await made.json()) as { id: string; manageUrl: string };
    const own = new URL(manageUrl).searchParams.get('token')!;
    seen.secrets.add(own);
    assert.equal(
      (
        await call(
          'PATCH',
          `/v1/sites/${site.id}/callbacks/${id}`,
          { status: 'missed' },
          { authorization: `Bearer ${token}` },
        )
      ).status,
      200,
    );
    // Refusals are logged too.
    for (const [method, path, body] of [
      ['POST', '/v1/callbacks', { ...wish, phone: 'not a number', email: 'not@' }],
      ['POST', '/v1/login', { email: owner.email, password: 'wrong' }],
      ['POST', '/v1/register', { email: visitor.email }],
      ['GET', `/v1/callbacks/${own}x`, undefined],
      ['POST', '/v1/complaints', { email: visitor.email, message: '' }],
      ['POST', '/v1/consent', { revision: visitor.email, choice: visitor.e164 }],
      ['POST', `/v1/sites/${site.id}/erase`, { phone: visitor.phone }],
      ['POST', '/v1/events', `{"session": "${beacon.session}", broken`],
    ] as const) {
      assert.ok((await call(method, path, body)).status >= 400, path);
    }
    assert.equal((await call('POST', '/_local/invoke/SealFunction')).status, 200, 'the day is sealed');
    await new Promise((done) => setTimeout(done, 4000)); // streams
    await stack.end();

    const said = await lines(stack.output, stack.dataDir);
    const personal = [
      visitor.name,
      visitor.phone,
      visitor.phone.replace(' ', ''),
      visitor.e164,
      '7700900456',
      visitor.email,
      visitor.message,
      owner.email,
      owner.password,
      'waiting@crawl',
    ];
    const found = leaks(said, [...personal, ...seen.secrets]);
    console.log(
      `${said.length} log lines searched for ${seen.secrets.size} logins, links and visits, ${personal.length} personal texts and 4 shapes: ${found.length} found`,
    );
    assert.ok(said.filter((l) => l.includes('POST /v1/callbacks')).length > 2, 'the logs are there');
    assert.ok(seen.secrets.size > 10);
    assert.deepEqual(found, []);

    const known = register();
    const all = await tables(stack.dataDir);
    const rows: string[][] = [];
    const missing: string[] = [];
    for (const [table, items] of [...all].sort()) {
      const stored = new Set(items.flatMap((i) => Object.keys(i)));
      const reasons = known.get(table) ?? new Set<string>();
      for (const attribute of stored) if (!reasons.has(attribute)) missing.push(`${table}.${attribute}`);
      const unseen = [...reasons].filter((r) => !stored.has(r));
      rows.push([table, String(items.length), String(stored.size), unseen.join(', ')]);
    }
    print(['table', 'items', 'attributes stored', 'in the register, not in this run'], rows);
    assert.deepEqual(missing, [], 'docs/privacy.md gives no reason for these');
    for (const table of [
      'Accounts',
      'Credentials',
      'Sessions',
      'Marks',
      'Visits',
      'Stats',
      'Callbacks',
      'Outbox',
      'Complaints',
      'Consents',
    ]) {
      assert.ok(all.get(table)?.length, `${table} was written in this run`);
    }
  });
});

function print(head: string[], rows: string[][]) {
  const wide = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  for (const row of [head, wide.map((n) => '-'.repeat(n)), ...rows])
    console.log(
      row
        .map((cell, i) => cell.padEnd(wide[i]!))
        .join('  ')
        .trimEnd(),
    );
}
