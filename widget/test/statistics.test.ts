// What is counted, stored and sent, and above all what is not, in a real browser.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { manifest } from '../../shared/policy/build.mjs';
import { isVisit } from '../src/visit';
import {
  button,
  CHROMIUM,
  dialog,
  fill,
  hurry,
  launch,
  leave,
  openPanel,
  send,
  session,
  stage,
  stored,
  until,
  type World,
} from './world';

const world = stage();

/** Opens, fills in, sends, and leaves: everything that could be counted. */
async function useAll(page: Page): Promise<void> {
  await openPanel(page);
  await fill(page);
  await send(page);
  await page.getByText('Thank you').waitFor();
}

const hide = (page: Page, hidden: boolean) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: hidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

const toggle = (page: Page) => page.getByRole('switch', { name: 'Anonymous statistics' });
const decline = (context: BrowserContext) =>
  context.addInitScript(() =>
    localStorage.setItem('mc_cookies', JSON.stringify({ revision: 3, choice: 'declined', at: '2026-01-01T00:00:00Z' })),
  );

describe('counting', { concurrency: 4 }, () => {
  test('a visit is counted once per step, over pages, and stores mc_session alone', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await until('the impression', () => w.steps() === 'impression');
    const [{ sent, events }] = w.beacons() as [ReturnType<World['beacons']>[number]];
    assert.ok(sent - events[0]!.t < 2000, 'told within two seconds');
    await until('it is marked', async () => /\.key1:i$/.test((await session(page))!));
    const id = (await session(page))!.slice(0, 22);
    await openPanel(page);
    await until('the open', () => w.steps() === 'impression open');
    await fill(page);
    await send(page);
    await until('the submit', () => w.steps() === 'impression open submit');
    await until('all are marked', async () => (await session(page)) === id + '.key1:i.key1:o.key1:s');
    assert.deepEqual(await stored(page), ['session mc_session']);

    const calls = w.calls.map(({ path }) => path);
    assert.ok(calls.indexOf('/v1/callbacks') < calls.lastIndexOf('/v1/events'));

    await page.goto(w.put('/other'));
    await useAll(page);
    await leave(page);
    assert.equal(w.beacons().length, 3, 'three beacons a visit');
    assert.deepEqual([...new Set(w.beacons().map((beacon) => beacon.session))], [id]);
  });

  test('a beacon says what is agreed and no more', async (t) => {
    const w = await world(t);
    w.put('/shop');
    const page = await (await w.context()).newPage();
    await page.goto(w.customer + '/shop?utm_source=newsletter&email=anna@home.example#here');
    await until('a beacon', () => w.beacons().length);
    const [{ headers, body }] = w.of('/v1/events') as [World['calls'][number]];
    const beacon = JSON.parse(body);
    assert.deepEqual(Object.keys(beacon), ['site', 'page', 'proof', 'session', 'source', 'sent', 'events']);
    assert.equal(beacon.proof, 'ao9c.AAAAAAAAAAAA');
    assert.equal(beacon.site, 'key1');
    assert.equal(beacon.page, w.customer + '/shop');
    assert.equal(beacon.source, 'newsletter');
    assert.ok(isVisit(beacon.session) && beacon.session.length === 22);
    const [event] = beacon.events;
    assert.deepEqual(Object.keys(event), ['type', 't']);
    assert.ok(Number.isInteger(event.t) && Number.isInteger(beacon.sent) && event.t >= 0 && beacon.sent >= event.t);
    assert.match(headers['content-type']!, /^text\/plain\b/);
    assert.equal(headers.referer, undefined);
    assert.equal(headers.cookie, undefined);
    assert.ok(!w.calls.some(({ method, path }) => method === 'OPTIONS' && path === '/v1/events'), 'no preflight');
  });

  test('the source is the site that linked here', async (t) => {
    const w = await world(t);
    const target = w.put('/shop');
    const context = await w.context();
    await context.route('http://search.example/*', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<a href="${target}">Acme</a>` }),
    );
    const page = await context.newPage();
    await page.goto('http://search.example/?q=private');
    await page.click('a');
    await until('a beacon', () => w.beacons().length);
    assert.equal(w.beacons()[0]!.source, 'search.example');
  });

  test('a step that is told when the page is left arrives', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await until('the impression', () => w.steps() === 'impression');
    await openPanel(page);
    await leave(page);
    await until('the open', () => w.steps() === 'impression open');
  });

  test('a hidden tab has not seen the button until it is shown', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() => Object.defineProperty(document, 'hidden', { configurable: true, value: true }));
    const page = await w.visit({}, '/shop', context);
    await button(page).waitFor();
    await page.waitForTimeout(1200);
    assert.deepEqual([w.beacons(), await stored(page)], [[], []]);
    await hide(page, false);
    await until('a beacon', () => w.beacons().length);
    await hide(page, true);
    await hide(page, false);
    await leave(page);
    assert.equal(w.steps(), 'impression');
  });

  test('a refused beacon is tried again, three times at most on a page, and marked only when taken', async (t) => {
    const w = await world(t);
    w.answers.events = () => ({ status: 503 });
    const context = await w.context();
    await context.addInitScript(hurry);
    const page = await w.visit({}, '/shop', context);
    await until('three tries', () => w.beacons().length === 3);
    assert.equal((await session(page))!.length, 22);
    for (let i = 0; i < 10; i++) {
      await hide(page, true);
      await hide(page, false);
      await page.waitForTimeout(30);
    }
    assert.equal(w.steps(), 'impression impression impression');

    w.answers.events = () => ({ status: 202 });
    await page.goto(w.put('/next'));
    await until('the next page tells it', async () => /\.key1:i$/.test((await session(page))!));
  });

  test('submit is told only after the request was taken', async (t) => {
    const w = await world(t);
    w.answers.callbacks = () => ({ status: 400, body: { errors: [{ field: 'phone', message: 'No.' }] } });
    const page = await w.visit();
    await openPanel(page);
    await fill(page);
    await send(page);
    await page.getByText('No.', { exact: true }).waitFor();
    await leave(page);
    assert.equal(w.steps(), 'impression open');
  });

  test('a malformed mc_session is replaced', async (t) => {
    for (const value of ['x', '{"id":1}', 'AbCdEfGhIjKlMnOpQrStUwx', '<script>']) {
      const w = await world(t);
      const context = await w.context();
      await context.addInitScript((value) => sessionStorage.setItem('mc_session', value), value);
      const page = await w.visit({}, '/shop', context);
      await until('a good one', async () => isVisit(await session(page)));
    }
  });

  test('each tab is a visit of its own, and a switch in one holds in the other', async (t) => {
    const w = await world(t);
    const context = await w.context();
    const first = await w.visit({}, '/shop', context);
    const second = await w.visit({}, '/shop', context);
    await until('two impressions', () => w.steps() === 'impression impression');
    assert.equal(new Set(w.beacons().map((beacon) => beacon.session)).size, 2);
    await openPanel(first);
    await toggle(first).uncheck();
    const before = w.beacons().length;
    await useAll(second);
    assert.equal(await toggle(second).isChecked(), false);
    await hide(second, true);
    await hide(second, false);
    assert.deepEqual(await stored(second), ['local mc_cookies']);
    await leave(second);
    assert.equal(
      w
        .beacons()
        .slice(before)
        .filter(({ events }) => events.some(({ type }) => type === 'submit')).length,
      0,
    );
  });

  test('coming back from the back/forward cache counts nothing twice', async (t) => {
    // The shell has no such cache.
    const cached = await launch({
      executablePath: CHROMIUM,
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
    });
    t.after(() => cached.close());
    const w = await world(t, cached);
    const page = await w.visit({
      head: `<script>addEventListener('pageshow', (e) => { window.back = e.persisted; });</script>`,
    });
    await until('the impression', () => w.steps() === 'impression');
    await openPanel(page);
    // Left at once: the beacon of the open goes out while the page is put away.
    await page.goto(w.put('/away', { key: null }));
    await page.evaluate(() => history.back());
    await until('restored', () =>
      page.evaluate(() => (window as unknown as { back?: boolean }).back).catch(() => false),
    );
    assert.ok(await dialog(page).isVisible());
    await page.keyboard.press('Escape');
    await openPanel(page);
    await page.waitForTimeout(1200);
    assert.equal(w.steps(), 'impression open');
  });
});

describe('not counting', { concurrency: 4 }, () => {
  const signals: [string, (context: BrowserContext) => Promise<unknown>][] = [
    [
      'Global Privacy Control',
      (context) =>
        context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })),
    ],
    [
      'Do Not Track',
      (context) => context.addInitScript(() => Object.defineProperty(navigator, 'doNotTrack', { value: '1' })),
    ],
    [
      'blocked storage',
      (context) =>
        context.addInitScript(() => {
          for (const area of ['sessionStorage', 'localStorage'])
            Object.defineProperty(window, area, {
              get() {
                throw new DOMException('denied', 'SecurityError');
              },
            });
        }),
    ],
  ];
  for (const [name, arrange] of signals) {
    test(`${name}: nothing is stored or sent, the switch is off and says why, the form works`, async (t) => {
      const w = await world(t);
      const context = await w.context();
      await arrange(context);
      const page = await w.visit({ head: `<script>window.MiConnect = [['consent', true]]</script>` }, '/shop', context);
      await useAll(page);
      assert.deepEqual([await toggle(page).isChecked(), await toggle(page).isDisabled()], [false, true]);
      assert.ok(await page.getByText('Off because of your browser’s privacy settings').isVisible());
      if (name !== 'blocked storage') assert.deepEqual(await stored(page), []);
      await leave(page);
      assert.deepEqual(w.beacons(), []);
      assert.equal(w.of('/v1/callbacks').length, 1);
      assert.deepEqual(w.console, []);
    });
  }

  test('sessionStorage that takes nothing: no counting, the switch says so, the form works', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() => {
      try {
        sessionStorage.setItem('theirs', 'x'.repeat(5 * 2 ** 20 - 6));
      } catch {} // about:blank
    });
    const page = await w.visit({}, '/shop', context);
    await useAll(page);
    assert.deepEqual([await toggle(page).isChecked(), await toggle(page).isDisabled()], [false, true]);
    await leave(page);
    assert.deepEqual(w.beacons(), []);
    assert.deepEqual(w.console, []);
  });

  test('a stored objection: nothing is stored or sent', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await decline(context);
    const page = await w.visit({}, '/shop', context);
    await useAll(page);
    assert.equal(await toggle(page).isChecked(), false);
    assert.deepEqual(await stored(page), ['local mc_cookies']);
    await leave(page);
    assert.deepEqual(w.beacons(), []);
  });

  test('an acceptance stored under the same key is no objection', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() =>
      localStorage.setItem('mc_cookies', '{"revision":3,"choice":"accepted","at":"2026-01-01T00:00:00Z"}'),
    );
    await w.visit({}, '/shop', context);
    await until('the impression', () => w.steps() === 'impression');
  });

  test('consent required: nothing before it, everything from then on, nothing after it is withdrawn', async (t) => {
    const w = await world(t);
    const page = await w.visit({ attributes: 'data-consent="required"' });
    await openPanel(page);
    await page.keyboard.press('Escape');
    await page.waitForTimeout(1200);
    await hide(page, true);
    await hide(page, false);
    assert.deepEqual([w.beacons(), await stored(page)], [[], []]);

    const say = (granted: unknown) => page.evaluate((granted) => (window as any).MiConnect.consent(granted), granted);
    await say('false');
    assert.deepEqual(await stored(page), []);
    await say(true);
    await until('the impression', () => w.steps() === 'impression');
    await openPanel(page);
    await until('the open', () => w.steps() === 'impression open');
    assert.ok(await toggle(page).isChecked());
    await say(false);
    assert.deepEqual(await stored(page), []);
    await fill(page);
    await send(page);
    await page.getByText('Thank you').waitFor();
    await leave(page);
    assert.equal(w.steps(), 'impression open');
  });

  test('consent by event and by queue', async (t) => {
    const w = await world(t);
    const byEvent = await w.visit({ attributes: 'data-consent="required"' });
    await button(byEvent).waitFor();
    await byEvent.evaluate(() => document.dispatchEvent(new CustomEvent('miconnect:consent')));
    assert.deepEqual(await stored(byEvent), []);
    await byEvent.evaluate(() =>
      document.dispatchEvent(new CustomEvent('miconnect:consent', { detail: { granted: true } })),
    );
    await until('the impression', () => w.steps() === 'impression');
    await w.visit(
      {
        attributes: 'data-consent="required"',
        head: `<script>(window.MiConnect = window.MiConnect || []).push(['consent', true])</script>`,
      },
      '/queued',
    );
    await until('another', () => w.steps() === 'impression impression');
    assert.deepEqual(w.console, []);
  });

  test('the next page of a visit waits for consent without forgetting the visit', async (t) => {
    const w = await world(t);
    const consent = {
      attributes: 'data-consent="required"',
      head: `<script>window.MiConnect = [['consent', true]]</script>`,
    };
    const page = await w.visit(consent);
    await until('marked', async () => /\.key1:i$/.test((await session(page)) ?? ''));
    const visit = await session(page);
    await page.goto(w.put('/waiting', { attributes: 'data-consent="required"' }));
    await openPanel(page);
    await leave(page);
    await page.goto(w.put('/consented', consent));
    await openPanel(page);
    await until('the open', () => w.steps() === 'impression open');
    assert.equal((await session(page))!.slice(0, 22), visit!.slice(0, 22));
  });

  test('the switch in the panel: off at once, forgets, is remembered; on again is the same one step', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await until('the impression', () => w.steps() === 'impression');
    await openPanel(page);
    assert.deepEqual([await toggle(page).isChecked(), await toggle(page).isDisabled()], [true, false]);
    await toggle(page).uncheck();
    assert.deepEqual(await stored(page), ['local mc_cookies']);
    const choice = await page.evaluate(() => JSON.parse(localStorage.mc_cookies));
    assert.deepEqual(Object.keys(choice), ['revision', 'choice', 'at']);
    assert.equal(choice.choice, 'declined');
    assert.equal(choice.revision, manifest.history.at(-1).revision);
    assert.equal(new Date(choice.at).toISOString(), choice.at);
    const before = w.beacons().length;
    await fill(page);
    await send(page);
    await page.getByText('Thank you').waitFor();
    await page.goto(w.put('/other'));
    await openPanel(page);
    assert.equal(await toggle(page).isChecked(), false);
    await page.waitForTimeout(1200);
    assert.equal(w.beacons().length, before);

    await toggle(page).check();
    await until('counting again', () => w.beacons().length > before);
    assert.deepEqual(await stored(page), ['session mc_session']);
  });

  test('a beacon on its way when the switch is thrown leaves nothing behind', async (t) => {
    for (const status of [202, 503]) {
      let answer = () => {};
      const decided = new Promise<void>((decide) => (answer = decide));
      const w = await world(t);
      w.answers.events = () => decided.then(() => ({ status }));
      const context = await w.context();
      await context.addInitScript(hurry);
      const page = await w.visit({}, '/shop', context);
      await until('a beacon', () => w.beacons().length);
      await openPanel(page);
      await until('the open', () => w.beacons().length === 2);
      await toggle(page).uncheck();
      answer();
      await page.waitForTimeout(300);
      assert.deepEqual(await stored(page), ['local mc_cookies']);
      await leave(page);
      assert.equal(w.beacons().length, 2);
    }
  });

  test('an unknown site stores and sends nothing', async (t) => {
    const w = await world(t);
    w.answers.widget = () => ({ status: 404 });
    const page = await w.visit();
    await until('the line', () => w.console.some((text) => text.includes('Mi Connect')));
    await leave(page);
    assert.deepEqual(w.beacons(), []);
  });
});
