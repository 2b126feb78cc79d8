import assert from 'node:assert/strict';
import { createECDH } from 'node:crypto';
import { it } from 'node:test';
import { subscribesTo } from '../push-stub.ts';
import { type Crawler, SIGNED, source, TABS, visitor } from './crawler.ts';

/** Somebody who is logged in, and pays. */
export function member(crawler: Crawler): void {
  it('logged in', () =>
    crawler.fresh('logged in', async (page, context) => {
      // Of a real push service nothing is asked here: the browser has an address of its own at one.
      await context.grantPermissions(['notifications'], { origin: crawler.stack.origin });
      const keys = createECDH('prime256v1');
      const address = 'https://updates.push.services.mozilla.com/wpush/v2/crawl';
      await context.addInitScript(subscribesTo(address, keys.generateKeys('base64url'), 'BTBZMqHH6r4Tts7J_aSIgg'));
      await crawler.logIn(page);
      for (const path of [...SIGNED, ...TABS.map((tab) => `/app/sites/${crawler.site.id}${tab && `/${tab}`}`)]) {
        await crawler.open(page, crawler.own(path));
        assert.deepEqual(await crawler.seen.look(page, 'logged in'), ['localStorage mc_token'], path);
        await crawler.accessible(page);
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
          crawler.site.id,
        );
      const before = await counts();
      await crawler.open(page, crawler.own(`/app/sites/${crawler.site.id}/privacy`));
      await page.getByRole('button', { name: 'I’ve published it' }).click();
      await page.getByText('Published.').waitFor();
      await page.getByLabel('Phone number or email').fill(visitor.email);
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByText('3 requests found.').waitFor();
      await crawler.accessible(page);
      await page.getByRole('button', { name: 'Erase all' }).click();
      await page.getByRole('button', { name: 'Erase permanently' }).click();
      await page.getByText('3 requests erased.').waitFor();
      assert.deepEqual(await counts(), before, 'counts stay');
      await crawler.open(page, crawler.own('/request'));
      await page.getByRole('heading', { name: 'Request not found' }).waitFor();

      await crawler.open(page, crawler.own('/privacy'));
      await page.getByLabel('Email').fill(visitor.email);
      await page.getByLabel('What should we look into?').fill('Please explain.');
      await page.getByRole('button', { name: 'Send complaint' }).click();
      const number = /d_[0-9a-z]+/.exec((await page.getByText(/Your complaint number is/).textContent())!)![0];
      const acknowledged = await crawler.stack.mail(visitor.email, number);
      // It is passed on once whoever reads that mail confirms it.
      const confirm = acknowledged.links.find((l) => l.includes('/complaint?token='))!;
      crawler.seen.secrets.add(new URL(confirm).searchParams.get('token')!);
      await crawler.open(page, confirm);
      await page.getByRole('button', { name: 'Confirm complaint' }).click();
      await page.getByRole('heading', { name: 'Your complaint is confirmed' }).waitFor();
      assert.match((await crawler.stack.mail('privacy@mi-telecom.co.uk')).text, /Please explain\./);

      await crawler.open(page, crawler.own('/app/notifications'));
      await page.getByRole('button', { name: 'Turn on in this browser' }).click();
      await page.getByText('This browser', { exact: true }).waitFor();
      await crawler.accessible(page);
      assert.deepEqual(await crawler.seen.look(page, 'logged in'), ['localStorage mc_token', 'serviceWorker /sw.js']);

      await crawler.open(page, crawler.own('/cookies'));
      await page.getByRole('button', { name: 'Clear everything and log out' }).click();
      await page.getByRole('status').getByText('Mi Connect no longer stores anything').waitFor();
      assert.deepEqual(await crawler.seen.look(page, 'logged in'), []);
    }));

  // Until there is something to pay for, there is no such state.
  it(
    'checked out',
    { skip: !source('template.yaml').includes('/v1/billing/checkout') && 'no billing in the template' },
    () =>
      crawler.fresh('checked out', async (page) => {
        await crawler.logIn(page);
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
          crawler.seen.contacts.filter((c) => c.pages === 'payment').length,
          0,
          "nothing of Stripe's before its own page",
        );
        await page.goto(url);
        await page.getByRole('button', { name: 'Pay with a card that works' }).click();
        await page.waitForURL((at) => !at.pathname.startsWith('/_local/'));
        await page.locator('h1').first().waitFor();
        assert.deepEqual(await crawler.seen.look(page, 'checked out'), ['localStorage mc_token']);
        assert.ok(crawler.seen.contacts.some((c) => c.pages === 'payment' && c.state === 'checked out'));
      }),
  );
}
