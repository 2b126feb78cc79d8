import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { axe, launch, open, storage } from './browser';
import { serve } from './server';
import { VIEWS } from './views';

// Each view, in light on a desk and in dark on a phone: no violation of the policy, no error in the
// console, no foreign request, nothing for axe to find, no sideways scrolling, only published storage.
// SHOTS=<folder> also keeps a picture of every view at both widths in both schemes.
const SHOTS = process.env.SHOTS;
const SIZES = { desk: { width: 1280, height: 860 }, phone: { width: 360, height: 740 } };

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;
before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
  if (SHOTS) mkdirSync(SHOTS, { recursive: true });
});
after(async () => {
  await browser.close();
  await host.close();
});

describe('every view', () => {
  for (const view of VIEWS) {
    test(view.name, async () => {
      const { world, origin } = host;
      world.reset();
      const token = world.token(world.user('ada@acme.example'));
      view.given?.(world);
      const localStorage = view.signedIn ? [{ name: 'mc_token', value: token }] : [];
      const { page, context, bad } = await open(browser, origin, {
        viewport: SIZES.desk, colorScheme: 'light', storageState: { cookies: [], origins: [{ origin, localStorage }] },
      });
      await page.goto(view.path);
      await view.act(page);
      for (const [scheme, size] of [['light', 'desk'], ['dark', 'phone']] as const) {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize(SIZES[size]);
        await page.waitForTimeout(60);
        // The other scheme has the same structure: only its colours and its narrow layout are new.
        assert.deepEqual(await axe(page, size === 'phone' ? ['color-contrast', 'target-size', 'scrollable-region-focusable'] : undefined), [], `axe, ${scheme}, ${size}`);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        assert.equal(wide, 0, `scrolls sideways, ${size}`);
      }
      assert.equal(await page.locator('h1').count(), 1);
      assert.match(await page.title(), /Mi Connect/);
      if (SHOTS) await shoot(page, view.name);
      assert.deepEqual(Object.keys(await storage(page)).sort(), view.signedIn ? ['mc_token'] : []);
      assert.deepEqual(await context.cookies(), []);
      assert.deepEqual(bad, []);
      await context.close();
    });
  }
});

async function shoot(page: import('playwright-core').Page, name: string): Promise<void> {
  for (const scheme of ['light', 'dark'] as const) {
    for (const size of Object.values(SIZES)) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      await page.waitForTimeout(120);
      await page.screenshot({ path: `${SHOTS}/${name}-${size.width}-${scheme}.png`, fullPage: true });
    }
  }
}
