import assert from 'node:assert/strict';
import { it } from 'node:test';
import { manifest } from '../../shared/policy/build.mjs';
import { button, type Crawler, counted, DEMO, owner, toggle } from './crawler.ts';

/** A visitor of a customer’s page: the widget used, objected to, and told no by the browser. */
export function visitor(crawler: Crawler): void {
  it("widget opened, submitted, and the visitor's own link", () =>
    crawler.fresh('widget opened', async (page) => {
      await crawler.open(page, crawler.theirs());
      await button(page).click();
      await page.getByRole('dialog').waitFor();
      await counted(page, 'io');
      assert.deepEqual(await crawler.seen.look(page, 'widget opened'), ['sessionStorage mc_session']);
      await crawler.accessible(page);
      crawler.manage = await crawler.ask(page);
      await counted(page, 'ios');
      assert.deepEqual(await crawler.seen.look(page, 'submitted'), ['sessionStorage mc_session']);
      await crawler.accessible(page);
      await crawler.open(page, crawler.own('/request'));
      await page.getByRole('heading', { name: 'Crawl Plumbing will call you' }).waitFor();
      assert.deepEqual(await crawler.seen.look(page, 'submitted'), []);
      await crawler.accessible(page);
    }));

  it('objected, the form still works, and back in as many steps', () =>
    crawler.fresh('objected', async (page) => {
      await crawler.open(page, crawler.theirs());
      await button(page).click();
      await counted(page, 'io');
      const before = crawler.beacons('objected');
      await toggle(page).click();
      assert.deepEqual(await crawler.seen.look(page, 'objected'), ['localStorage mc_cookies']);
      const kept = JSON.parse((await page.evaluate(() => localStorage.getItem('mc_cookies')))!);
      assert.deepEqual([kept.revision, kept.choice], [manifest.history.at(-1).revision, 'declined']);
      await crawler.ask(page);
      for (const path of DEMO) {
        await crawler.open(page, crawler.theirs(path));
        await button(page).waitFor();
        assert.deepEqual(await crawler.seen.look(page, 'objected'), ['localStorage mc_cookies'], path);
      }
      await button(page).click();
      await page.getByRole('dialog').waitFor();
      await page.waitForTimeout(1500);
      assert.equal(crawler.beacons('objected'), before, 'nothing is counted after the objection');
      await toggle(page).click();
      await page.waitForFunction(() => sessionStorage.getItem('mc_session'));
      assert.deepEqual(await crawler.seen.look(page, 'objected'), ['sessionStorage mc_session']);
    }));

  it('GPC on', async () => {
    const gpc = { extraHTTPHeaders: { 'Sec-GPC': '1' } };
    await crawler.fresh(
      'GPC on',
      async (page, context) => {
        await context.addInitScript({
          content: `Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true })`,
        });
        await crawler.crawl(page, 'GPC on', []);
        await crawler.open(page, crawler.theirs());
        await button(page).click();
        await page.getByRole('dialog').waitFor();
        assert.equal(await toggle(page).isDisabled(), true);
        await crawler.ask(page);
        await page.waitForTimeout(1500);
        assert.deepEqual(await crawler.seen.look(page, 'GPC on'), []);
        assert.equal(crawler.beacons('GPC on'), 0);
      },
      gpc,
    );
    // Only the header tells: the page cannot know, the server heeds it.
    const visits = async () => {
      const login = (await (
        await fetch(`${crawler.stack.origin}/v1/login`, { method: 'POST', body: JSON.stringify(owner) })
      ).json()) as { token: string };
      crawler.seen.secrets.add(login.token);
      const stats = await fetch(`${crawler.stack.origin}/v1/sites/${crawler.site.id}/stats`, {
        headers: { authorization: `Bearer ${login.token}` },
      });
      return ((await stats.json()) as { totals: { impressions: number } }).totals.impressions;
    };
    await new Promise((done) => setTimeout(done, 4000)); // what earlier states have sent is counted by now
    const before = await visits();
    assert.ok(before > 0);
    await crawler.fresh(
      'GPC by header alone',
      async (page) => {
        await crawler.open(page, crawler.theirs());
        await counted(page, 'i');
      },
      gpc,
    );
    await new Promise((done) => setTimeout(done, 4000));
    assert.equal(await visits(), before);
  });
}
