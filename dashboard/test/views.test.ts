import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { axe, launch, open, storage, type Watched, withAxe } from './browser';
import { serve } from './server';
import { VIEWS } from './views';

// Each view, in light on a desk and in dark on a phone: no violation of the policy, no error in the
// console, no foreign request, nothing for axe to find, no sideways scrolling, the blocks of a column
// on one left and one right edge, only published storage.
// SHOTS=<folder> also keeps a picture of every view at both widths in both schemes.
const SHOTS = process.env.SHOTS;
const SIZES = { desk: { width: 1280, height: 860 }, phone: { width: 360, height: 740 } };

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;
let token = '';
let columns = 0;
const visitors = new Map<boolean, Watched>();

before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
  token = host.world.token(host.world.user('ada@acme.example'));
  for (const signedIn of [true, false]) {
    const localStorage = signedIn ? [{ name: 'mc_token', value: token }] : [];
    const watched = await open(browser, host.origin, {
      storageState: { cookies: [], origins: [{ origin: host.origin, localStorage }] },
    });
    await withAxe(watched.context);
    visitors.set(signedIn, watched);
  }
});
after(async () => {
  await browser.close();
  await host.close();
});

describe('every view', () => {
  for (const view of VIEWS) {
    test(view.name, async () => {
      const { world } = host;
      world.reset();
      world.token(world.user('ada@acme.example'), undefined, undefined, token);
      view.given?.(world);
      const { page, context, bad } = visitors.get(view.signedIn ?? false)!;
      bad.length = 0;
      await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
      await page.setViewportSize(SIZES.desk);
      await page.goto(view.path);
      await view.act(page, world);
      assert.deepEqual(await axe(page), [], 'axe, light, desk');
      assert.equal(await sideways(page), 0, 'scrolls sideways on a desk');
      assert.deepEqual(await broken(page), [], 'words broken over two lines on a desk');
      const desk = await column(page);
      assert.deepEqual(desk.wrong, [], 'out of the column on a desk');
      if (desk.seen) columns++;

      // The other scheme has the same structure: only its colours and its narrow layout are new.
      await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
      await page.setViewportSize(SIZES.phone);
      assert.deepEqual(
        await axe(page, ['color-contrast', 'target-size', 'scrollable-region-focusable']),
        [],
        'axe, dark, phone',
      );
      assert.equal(await sideways(page), 0, 'scrolls sideways on a phone');
      assert.deepEqual(await broken(page), [], 'words broken over two lines on a phone');
      assert.deepEqual((await column(page)).wrong, [], 'out of the column on a phone');

      assert.equal(await page.locator('h1').count(), 1);
      assert.match(await page.title(), /Mi Connect/);
      if (SHOTS) await shoot(page, view.name);
      assert.deepEqual(Object.keys(await storage(page)).sort(), view.signedIn ? ['mc_token'] : []);
      assert.deepEqual(await context.cookies(), []);
      assert.deepEqual(bad, []);
    });
  }

  test('pages of one column were among them', () => assert.ok(columns > 25, `${columns}`));
});

const sideways = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** The blocks of a page of one column that do not share the left and right edge of its head. */
const column = (page: Page) =>
  page.evaluate(() => {
    const blocks = [...document.querySelectorAll('main:is(.page-narrow, .page-policy) > *')].flatMap((block) => {
      const { left, right, width } = block.getBoundingClientRect();
      return width ? [{ block, edges: `${Math.round(left)} to ${Math.round(right)}` }] : [];
    });
    const wrong = blocks
      .filter(({ edges }) => edges !== blocks[0]!.edges)
      .map(({ block, edges }) => `${block.outerHTML.slice(0, 80)}: ${edges}, the head ${blocks[0]!.edges}`);
    return { seen: blocks.length > 1, wrong };
  });

/** Words of ordinary length that a line break goes through. Addresses and paths may have to break. */
const broken = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      for (const { 0: word, index } of node.textContent!.matchAll(/(?<!\S)\p{L}{2,14}(?!\S)/gu)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (new Set([...range.getClientRects()].map((rect) => Math.round(rect.top))).size > 1) found.push(word);
      }
    }
    return found;
  });

async function shoot(page: Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    for (const size of Object.values(SIZES)) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await page.waitForTimeout(120);
      await page.screenshot({ path: `${SHOTS}/${name}-${size.width}-${scheme}.png`, fullPage: true });
    }
  }
}
