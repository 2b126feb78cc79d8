import assert from 'node:assert/strict';
import { it } from 'node:test';
import { button, type Crawler, counted, DEMO } from './crawler.ts';

/** What the cookie notice leaves, whatever is done with it. */
export function notice(crawler: Crawler): void {
  it('nothing clicked', () =>
    crawler.fresh('nothing clicked', async (page) => {
      await crawler.crawl(page, 'nothing clicked', [], true);
      for (const path of DEMO) {
        await crawler.open(page, crawler.theirs(path));
        await button(page).waitFor();
        await counted(page, 'i');
        assert.deepEqual(await crawler.seen.look(page, 'nothing clicked'), ['sessionStorage mc_session'], path);
        await crawler.accessible(page);
      }
    }));

  it('accepted, and taken back', () =>
    crawler.fresh('accepted', async (page) => {
      await crawler.open(page, crawler.own('/'));
      await page.getByRole('region', { name: 'Cookie notice' }).getByRole('button', { name: 'OK' }).click();
      await page.waitForFunction(() => JSON.parse(localStorage.getItem('mc_cookies') ?? '{}').receipt);
      const kept = JSON.parse((await page.evaluate(() => localStorage.getItem('mc_cookies')))!);
      assert.deepEqual(Object.keys(kept), ['revision', 'choice', 'at', 'receipt']);
      const receipt = (await (await fetch(`${crawler.stack.origin}/v1/consent/${kept.receipt}`)).json()) as Record<
        string,
        string
      >;
      assert.deepEqual(
        [receipt.revision, receipt.choice, receipt.at, receipt.page],
        [kept.revision, 'accepted', kept.at, '/'],
      );
      await crawler.crawl(page, 'accepted', ['localStorage mc_cookies']);
      assert.equal(await page.getByRole('region', { name: 'Cookie notice' }).count(), 0);

      await crawler.open(page, crawler.own('/cookies'));
      await page.getByRole('button', { name: 'Clear Mi Connect preferences' }).click();
      await page.getByRole('status').getByText('preferences have been cleared').waitFor();
      assert.deepEqual(await crawler.seen.look(page, 'accepted'), []);
      let after: Record<string, string> = {};
      for (let n = 0; n < 50 && !after.withdrawnAt; n++) {
        await page.waitForTimeout(100);
        after = (await (await fetch(`${crawler.stack.origin}/v1/consent/${kept.receipt}`)).json()) as Record<
          string,
          string
        >;
      }
      assert.ok(after.withdrawnAt, 'the withdrawal is kept too');
    }));

  it('declined', () =>
    crawler.fresh('declined', async (page) => {
      await crawler.open(page, crawler.own('/'));
      await page.getByRole('button', { name: 'Close this notice' }).click();
      assert.deepEqual(await crawler.seen.look(page, 'declined'), []);
      await crawler.crawl(page, 'declined', []);
      // On a customer's page that asks first, and is told no.
      await crawler.open(page, crawler.theirs('/', '&consent=required'));
      await button(page).waitFor();
      assert.deepEqual(await crawler.seen.look(page, 'declined'), []);
      await page.evaluate(() => (globalThis as any).MiConnect.consent(false));
      await button(page).click();
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(1500);
      assert.deepEqual(await crawler.seen.look(page, 'declined'), []);
      assert.equal(crawler.beacons('declined'), 0);
    }));
}
