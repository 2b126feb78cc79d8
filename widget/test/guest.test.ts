// A guest on other people's pages: whatever they do, the button is there, or a quiet line says why not.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { button, dialog, fill, openPanel, send, session, stage, stored, until, type World } from './world';

const world = stage();
const uncaught = (w: World) => w.console.filter((text) => text.startsWith('uncaught'));
const toggle = (page: Page) => page.getByRole('switch', { name: 'Anonymous statistics' });

describe('a guest', { concurrency: 4 }, () => {
  test('two sites on one origin are both counted', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await until('the first', () => w.steps() === 'impression');
    await until('marked', async () => /:i/.test((await session(page)) ?? ''));
    await page.goto(w.put('/other', { key: 'key2' }));
    await until('the second', () => w.steps() === 'impression impression');
    assert.deepEqual(
      w.beacons().map(({ site }) => site),
      ['key1', 'key2'],
    );
  });

  for (const value of ['required', 'Required', 'true', '', 'eu'])
    test(`data-consent="${value}" stores and counts nothing before consent`, async (t) => {
      const w = await world(t);
      const page = await w.visit({ attributes: `data-consent="${value}"` });
      await openPanel(page);
      await page.waitForTimeout(300);
      assert.deepEqual([w.beacons(), await stored(page)], [[], []]);
    });

  test('a page that swaps its body or its whole document keeps one button, which still works', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await button(page).waitFor();
    await page.evaluate(() => {
      document.documentElement.replaceChild(document.createElement('body'), document.body);
    });
    await openPanel(page);
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.documentElement.replaceChildren(document.createElement('body')));
    await openPanel(page);
    await page.evaluate((src) => {
      const again = document.createElement('script');
      again.src = src;
      again.dataset.site = 'key1';
      document.body.append(again);
    }, `${w.origin}/widget.js`);
    await page.waitForTimeout(300);
    assert.equal(await page.locator('mi-connect').count(), 1);
    assert.deepEqual(w.console, []);
  });

  test('without light-dark(), adoptedStyleSheets and AbortSignal.timeout it is drawn and works', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() => {
      Reflect.deleteProperty(AbortSignal, 'timeout');
      Reflect.deleteProperty(window, 'CSSStyleSheet');
      const attach = Element.prototype.attachShadow;
      Element.prototype.attachShadow = function (options) {
        const root = attach.call(this, options);
        const append = root.append.bind(root);
        // An older engine does not know the condition, and leaves out what is under it.
        root.append = (...nodes: (Node | string)[]) => {
          for (const node of nodes)
            if (node instanceof HTMLStyleElement)
              node.textContent = node.textContent!.replaceAll('light-dark(red', 'unknown(red');
          append(...nodes);
        };
        return root;
      };
    });
    const page = await w.visit({}, '/shop', context);
    await openPanel(page);
    const look = (selector: string) =>
      page.evaluate((selector) => {
        const found = document.querySelector('mi-connect')!.shadowRoot!.querySelector(selector)!;
        const { backgroundColor, color } = getComputedStyle(found);
        return [backgroundColor, color];
      }, selector);
    assert.deepEqual(await look('dialog'), ['rgb(255, 255, 255)', 'rgb(18, 33, 31)']);
    assert.deepEqual(await look('section button'), ['rgb(15, 118, 110)', 'rgb(255, 255, 255)']);
    await fill(page);
    await send(page);
    await page.getByText('Thank you').waitFor();
    assert.deepEqual(uncaught(w), []);
  });

  test('a button that is not on the screen, or in a frame of one pixel, has not been seen', async (t) => {
    const w = await world(t);
    w.put('/framed');
    const page = await w.visit({
      key: null,
      body: '<iframe src="/framed" style="width:1px;height:1px;border:0;position:fixed;top:0"></iframe>',
    });
    const frame = page.frameLocator('iframe');
    await frame.locator('mi-connect section button').waitFor({ state: 'attached' });
    await page.waitForTimeout(500);
    assert.deepEqual(w.beacons(), []);
    await page.evaluate(() => {
      document.querySelector('iframe')!.style.cssText = 'width:400px;height:300px';
    });
    await until('seen now', () => w.steps() === 'impression');
  });

  test('switching off and on again on a page is one visit', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await openPanel(page);
    await until('both', () => w.steps() === 'impression open');
    await until('marked', async () => /:o$/.test((await session(page)) ?? ''));
    for (let n = 0; n < 3; n++) {
      await toggle(page).uncheck();
      assert.deepEqual(await stored(page), ['local mc_cookies']);
      await toggle(page).check();
    }
    await page.waitForTimeout(300);
    assert.equal(w.steps(), 'impression open');
  });

  const hosts: [string, string][] = [
    ['an unknown queued call', `<script>window.MiConnect = [['track', 1], null, 'open', ['site']]</script>`],
    ['an element with the id MiConnect', '<form id="MiConnect"></form>'],
    [
      'a wrapped fetch that expects text',
      `<script>{ const f = fetch; window.fetch = (to, more) => (to.toLowerCase(), f(to, more)); }</script>`,
    ],
    [
      'arrays and dates with a toJSON of their own',
      `<script>Array.prototype.toJSON = function () { return String(this); }</script>`,
    ],
    [
      'storage with patched prototypes',
      `<script>Storage.prototype.setItem = () => { throw new Error('no'); }</script>`,
    ],
    ['a transformed body', '<style>body{transform:translateY(1px);height:3000px}</style>'],
  ];
  for (const [name, head] of hosts)
    test(`${name}: the button is in its place, and everything works`, async (t) => {
      const w = await world(t);
      const page = await w.visit({ head });
      const box = async () => (await button(page).boundingBox())!;
      await button(page).waitFor();
      assert.equal(Math.round(page.viewportSize()!.height - (await box()).y - (await box()).height), 20);
      await openPanel(page);
      await fill(page);
      await send(page);
      await page.getByText('Thank you').waitFor();
      await until('all steps', () => w.steps() === 'impression open submit');
      assert.ok(w.beacons().every(({ events }) => Array.isArray(events)));
      assert.deepEqual(uncaught(w), []);
    });

  test('the script’s own text in the page is a quiet line', async (t) => {
    const w = await world(t);
    const page = await w.visit({
      script: `<script>fetch('ORIGIN/widget.js').then((r) => r.text()).then((text) => {
        const s = document.createElement('script'); s.textContent = text; s.dataset.site = 'key1';
        document.head.append(s); })</script>`,
    });
    await until('the line', () => w.console.length);
    assert.deepEqual(w.console, ['info: Mi Connect: no data-site']);
    assert.equal(await page.locator('mi-connect').count(), 0);
  });

  test('a tag manager drops attributes: the key is in the address', async (t) => {
    const w = await world(t);
    const page = await w.visit({ script: '<script src="ORIGIN/widget.js?site=key1"></script>' });
    await openPanel(page);
    assert.equal(w.of('/v1/widget')[0]!.path, '/v1/widget/key1');
  });

  test('one failed configuration is asked for again', async (t) => {
    const w = await world(t);
    const good = w.answers.widget!;
    let asked = 0;
    w.answers.widget = (call) => (asked++ ? good(call) : 'cut');
    const page = await w.visit();
    await button(page).waitFor();
  });

  test('a slow panel shows that it is on its way', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.route('**/panel-*.js', async (route) => {
      await new Promise((later) => setTimeout(later, 3000));
      await route.continue();
    });
    const page = await w.visit({}, '/shop', context);
    await button(page).click();
    const opacity = () => button(page).evaluate((b) => getComputedStyle(b.parentElement!).opacity);
    assert.equal(await opacity(), '0.6');
    await dialog(page).waitFor();
    assert.equal(await opacity(), '1');
  });

  for (const [name, head, viewport] of [
    ['a zoomed page', '<style>html{zoom:2}</style>', { width: 800, height: 600 }],
    ['a low screen', '', { width: 640, height: 240 }],
    ['a text of twice the size on 320 px', '<style>html{font-size:200%}</style>', { width: 320, height: 568 }],
  ] as const)
    test(`${name}: Close is on the screen, and stays there`, async (t) => {
      const w = await world(t);
      const page = await w.visit({ head }, '/shop', await w.context({ viewport }));
      await openPanel(page);
      await page.waitForTimeout(300);
      const close = page.getByRole('button', { name: 'Close' });
      for (const end of [false, true]) {
        if (end) await dialog(page).evaluate((panel) => panel.firstElementChild!.scrollTo(0, 9999));
        const box = (await close.boundingBox())!;
        assert.ok(box.y >= 0 && box.y + box.height <= viewport.height && box.x + box.width <= viewport.width, name);
      }
      await close.click();
      await dialog(page).waitFor({ state: 'hidden' });
    });

  test('a refused clipboard shows the link within the panel', async (t) => {
    const w = await world(t);
    w.answers.callbacks = () => ({
      status: 201,
      body: { manageUrl: 'https://connect.example/request?token=' + 'a'.repeat(120) },
    });
    const context = await w.context();
    await context.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    const page = await w.visit({}, '/shop', context);
    await openPanel(page);
    await fill(page);
    await send(page);
    await page.getByRole('button', { name: 'Copy this private link' }).click();
    await page.getByText('aaaa').waitFor();
    assert.ok((await dialog(page).boundingBox())!.width <= 384);
    assert.equal(await dialog(page).evaluate((d) => d.firstElementChild!.scrollWidth <= d.clientWidth), true);
  });

  test('what is being sent is announced', async (t) => {
    const w = await world(t);
    w.answers.callbacks = () => ({ status: 201, body: {}, afterMs: 500 });
    const page = await w.visit();
    await openPanel(page);
    await fill(page);
    await send(page);
    assert.equal(await page.locator('mi-connect [role=status]').textContent(), 'Sending …');
  });

  test('a page within a page is told as the page around it', async (t) => {
    const w = await world(t);
    const tag = `<script src='${w.origin}/widget.js' data-site='key1'></script>`;
    await w.visit({ key: null, body: `<iframe width="600" height="400" srcdoc="${tag}"></iframe>` });
    await until('a beacon', () => w.beacons().length);
    assert.equal(w.beacons()[0]!.page, w.customer + '/shop');
  });

  test('a page has a trigger of its own and no button', async (t) => {
    const w = await world(t);
    const page = await w.visit({
      attributes: 'data-button="none"',
      body: '<button onclick="MiConnect.open()">Ring me</button>',
    });
    await page.locator('mi-connect').waitFor({ state: 'attached' });
    assert.equal(await button(page).isVisible(), false);
    await page.getByText('Ring me').click();
    await dialog(page).waitFor();
    await until('opened', () => w.steps() === 'open');
  });

  test('data-storage="none" counts in memory alone, and forgets an objection with the page', async (t) => {
    const w = await world(t);
    const page = await w.visit({ attributes: 'data-storage="none"' });
    await openPanel(page);
    await until('counted', () => w.steps() === 'impression open');
    assert.deepEqual(await stored(page), []);
    await toggle(page).uncheck();
    await fill(page);
    await send(page);
    await page.getByText('Thank you').waitFor();
    await page.waitForTimeout(300);
    assert.deepEqual([w.steps(), await stored(page)], ['impression open', []]);
  });

  test('<mi-connect> in the text is a button there, also one that comes later', async (t) => {
    const w = await world(t);
    const page = await w.visit({
      attributes: 'data-button="none"',
      body: '<p>Call us: <mi-connect></mi-connect></p>',
    });
    const inline = page.locator('main mi-connect button');
    await inline.click();
    await dialog(page).waitFor();
    await page.keyboard.press('Escape');
    await page.evaluate(() => document.querySelector('main')!.append(document.createElement('mi-connect')));
    assert.equal(await inline.count(), 2);
    await inline.nth(1).click();
    await dialog(page).waitFor();
    const visible = page.locator('mi-connect button:visible').filter({ hasText: 'Request a call' });
    assert.equal(await visible.count(), 3, 'two, and the one that sends');
  });
});
