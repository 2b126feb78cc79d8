// The button and the panel on a customer's page of another origin, in a real browser.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { button, dialog, fill, hurry, openPanel, send, stage, stored, until } from './world';

const world = stage();

describe('on the page', { concurrency: 4 }, () => {
  test('the button appears with the configuration, shifts nothing, and nothing else is loaded', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await button(page).waitFor();
    assert.equal(await button(page).textContent(), 'Request a call');
    await page.waitForTimeout(200);
    const files = w.calls.map(({ path }) => path).filter((path) => path !== '/v1/events');
    assert.deepEqual(files, ['/widget.js', '/v1/widget/key1']);
    assert.equal(w.of('/v1/widget')[0]!.headers.referer, undefined);
    assert.equal(w.of('/v1/widget')[0]!.headers.origin, w.customer);

    await openPanel(page);
    await page.keyboard.press('Escape');
    const shift = await page.evaluate(
      () =>
        new Promise<number>((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => done(sum), 100);
        }),
    );
    assert.equal(shift, 0);
    const box = (await button(page).boundingBox())!;
    const size = page.viewportSize()!;
    assert.equal(Math.round(size.width - box.x - box.width), 20);
    assert.equal(Math.round(size.height - box.y - box.height), 20);
    assert.deepEqual(w.console, []);
  });

  test('attributes choose the side and the text; a page written from right to left keeps its side', async (t) => {
    const w = await world(t);
    const page = await w.visit({
      attributes: 'data-position="left" data-label="اطلب مكالمة"',
      head: '<script>document.documentElement.dir="rtl"</script>',
    });
    assert.equal(await button(page).textContent(), 'اطلب مكالمة');
    assert.equal(Math.round((await button(page).boundingBox())!.x), 20);
    await openPanel(page);
    await page.waitForTimeout(300);
    assert.equal(Math.round((await dialog(page).boundingBox())!.x), 20);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true);
  });

  test('a strict policy with Trusted Types is kept to the letter', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      addEventListener('securitypolicyviolation', (event) =>
        seen.push(event.violatedDirective + ' ' + event.blockedURI),
      );
    });
    const page = await w.visit(
      {
        csp:
          "default-src 'none'; img-src data:; script-src ORIGIN; connect-src ORIGIN; style-src 'none'; " +
          "require-trusted-types-for 'script'; trusted-types 'none'",
      },
      '/shop',
      context,
    );
    await openPanel(page);
    await fill(page);
    await send(page);
    await page.getByText('Thank you, Anna Bell.').waitFor();
    assert.deepEqual(await page.evaluate(() => (window as unknown as { seen: string[] }).seen), []);
    assert.equal(
      await button(page).evaluate((element) => getComputedStyle(element).backgroundColor),
      'rgb(15, 118, 110)',
    );
    assert.deepEqual(w.console, []);
  });

  test('the page’s style sheets do not reach in', async (t) => {
    const w = await world(t);
    const plain = await w.visit();
    const look = async (page: Page) => {
      await openPanel(page);
      await page.waitForTimeout(300);
      return page.evaluate(() => {
        const host = document.querySelector('mi-connect')!;
        return [host, ...host.shadowRoot!.querySelectorAll('section, button, input, h2, p, label')].map((element) => {
          const {
            fontSize,
            fontFamily,
            color,
            display,
            opacity,
            visibility,
            letterSpacing,
            textTransform,
            width,
            height,
            zIndex,
          } = getComputedStyle(element);
          return [
            element.tagName,
            fontSize,
            fontFamily,
            color,
            display,
            opacity,
            visibility,
            letterSpacing,
            textTransform,
            width,
            height,
            zIndex,
          ];
        });
      });
    };
    const want = await look(plain);
    const hostile = await w.visit(
      {
        head: `<style>html{font-size:40px!important}
          *,mi-connect,:not(:defined){all:unset!important;display:none!important;color:red!important;
          opacity:.2!important;font:9px cursive!important;letter-spacing:9px!important;
          text-transform:uppercase!important;z-index:1!important;
          --accent:red!important;--paper:red!important}html,body{display:block!important}</style>`,
      },
      '/hostile',
    );
    assert.deepEqual(await look(hostile), want);
  });

  test('included twice it is one widget, and a line in the console where the two are of different sites', async (t) => {
    const w = await world(t);
    const tag = (key: string) => `<script src="ORIGIN/widget.js" data-site="${key}"></script>`;
    for (const [second, lines] of [
      ['key1', []],
      ['key2', ['info: Mi Connect: included twice']],
    ] as const) {
      const page = await w.visit({ script: tag('key1') + tag(second) }, '/' + second);
      await button(page).waitFor();
      assert.equal(await page.locator('mi-connect').count(), 1);
      assert.deepEqual(w.console, lines);
    }
    assert.equal(w.of('/v1/widget').length, 2);
  });

  test('a missing key, an unknown key and a lost connection are a quiet line each', async (t) => {
    for (const [options, answer, asked, line] of [
      [{ key: null }, undefined, 0, 'no data-site'],
      [{ key: '' }, undefined, 0, 'no data-site'],
      [{ key: 'nope' }, { status: 404 }, 1, 'no configuration for nope'],
      [{}, { status: 500 }, 3, 'no configuration for key1'],
      [{}, 'cut', 3, 'no configuration for key1'],
      [{}, { status: 200, body: { active: false } }, 1, 'off here'],
    ] as const) {
      const w = await world(t);
      if (answer) w.answers.widget = () => answer;
      const context = await w.context();
      await context.addInitScript(hurry);
      const page = await w.visit(options, '/shop', context);
      // The browser itself reports a failed request; the widget adds one line.
      const own = () => w.console.filter((text) => text.includes('Mi Connect'));
      await until('a line', () => own().length);
      await page.waitForTimeout(50);
      assert.deepEqual(own(), ['info: Mi Connect: ' + line]);
      assert.deepEqual(
        w.console.filter((text) => text.startsWith('uncaught')),
        [],
      );
      assert.equal(w.of('/v1/widget').filter(({ method }) => method === 'GET').length, asked);
      assert.equal(await page.locator('mi-connect').count(), 0);
      assert.deepEqual(await stored(page), []);
      await page.evaluate(() => (window as any).MiConnect?.open());
    }
  });

  test('it works when inserted by a script, and from a head whose body is not there yet', async (t) => {
    const w = await world(t);
    const inserted = await w.visit({
      script: `<script>addEventListener('load', () => {
        const s = document.createElement('script');
        s.src = 'ORIGIN/widget.js';
        s.dataset.site = 'key1';
        document.head.append(s);
      })</script>`,
    });
    await openPanel(inserted);
    const configuration = w.answers.widget!;
    w.answers.widget = (call) => (call.path.endsWith('slow') ? { status: 200, afterMs: 400 } : configuration(call));
    const early = await w.visit(
      {
        script:
          '<script src="ORIGIN/widget.js" data-site="key1"></script><script src="ORIGIN/v1/widget/slow"></script>',
      },
      '/early',
    );
    await openPanel(early);
    assert.deepEqual(
      w.console.filter((text) => text.includes('Mi Connect') || text.startsWith('uncaught: M')),
      [],
    );
  });

  test('the page’s script can open and close it, also before it has loaded', async (t) => {
    const w = await world(t);
    const page = await w.visit({ head: `<script>(window.MiConnect = window.MiConnect || []).push(['open'])</script>` });
    await dialog(page).waitFor();
    await page.evaluate(() => (window as any).MiConnect.close());
    await dialog(page).waitFor({ state: 'hidden' });
    await page.evaluate(() => (window as any).MiConnect.push(['open']));
    await dialog(page).waitFor();
  });

  test('a form that could not be loaded is asked for again at the next click', async (t) => {
    const w = await world(t);
    const context = await w.context();
    let broken = true;
    await context.route('**/panel-*.js', (route) => (broken ? route.abort() : route.continue()));
    const page = await w.visit({}, '/shop', context);
    await button(page).click();
    await until('a line', () => w.console.some((text) => text.startsWith('info: Mi Connect: TypeError')));
    broken = false;
    await button(page).click();
    await dialog(page).waitFor();
    assert.deepEqual(
      w.console.filter((text) => text.startsWith('uncaught')),
      [],
    );
  });
});
