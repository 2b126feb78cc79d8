// Paying, as an owner does it, on the stand-in for Stripe: trial, upgrade, a failed payment, fixing it,
// cancelling and taking that back.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launch, profile } from './browser.ts';
import { Stack } from './stack.ts';

const person = {
  name: 'Olive Owner',
  company: 'Owner Ltd',
  email: 'olive@example.com',
  password: 'a long enough password',
};

describe('billing', { timeout: 240_000 }, () => {
  let stack: Stack, browser: Browser, context: BrowserContext, page: Page, faults: string[];
  const hosts = new Set<string>();

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    ({ context, faults } = await profile(browser));
    context.on('request', (r) => hosts.add(new URL(r.url()).host));
    const token = await stack.signUp(person);
    page = await context.newPage();
    await page.goto(stack.origin);
    await page.evaluate((t) => localStorage.setItem('mc_token', t), token);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const control = async (path: string, body: unknown) => {
    const answer = await fetch(`${stack.origin}/_local/stripe/control${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    return answer.json();
  };
  const billing = () => page.goto(`${stack.origin}/app/billing`);
  const plan = (name: string) => page.getByRole('heading', { level: 2, name, exact: true });
  const stripe = (part: string) => page.waitForURL(`${stack.origin}/_local/stripe/${part}/**`);
  const back = () => page.waitForURL(`${stack.origin}/app/billing`);

  it("leaves Stripe's page without paying, and nothing has changed", async () => {
    await control('', { mode: 'drop' }); // no webhook arrives: what is seen comes from asking
    await billing();
    await plan('Free').waitFor();
    await page.getByRole('button', { name: 'Try 14 days free with Starter' }).click();
    await stripe('pay');
    await page.getByRole('button', { name: 'Pay with a card that is declined' }).click();
    await page.getByText('The card was declined').waitFor();
    await page.getByRole('button', { name: 'Go back without paying' }).click();
    await back();
    await plan('Free').waitFor();
    await page.goto(`${stack.origin}/app/billing?checkout=done`); // an address proves nothing
    await back();
    await plan('Free').waitFor();
  });

  it('starts the trial without a card and sees it before any webhook', async () => {
    await page.getByRole('button', { name: 'Try 14 days free with Starter' }).click();
    await stripe('pay');
    await page.getByText('14 days free').waitFor();
    await page.getByRole('button', { name: 'Start the trial without a card' }).click();
    await back();
    await plan('Starter').waitFor();
    await page.getByText('You haven’t added a card yet').waitFor();
    await page.getByRole('meter', { name: 'People' }).waitFor();
  });

  it('adds a card and pays when the trial is over', async () => {
    await control('', { mode: 'deliver' });
    await page.getByRole('button', { name: 'Add card' }).click();
    await stripe('portal');
    await page.getByRole('button', { name: 'Use a card that works' }).click();
    await back();
    await page.getByRole('button', { name: 'Change card' }).waitFor();
    await control('/advance', { hours: 15 * 24 });
    await page.waitForFunction(
      async (token) => {
        const answer = await fetch('/v1/billing', { headers: { authorization: `Bearer ${token}` } });
        return ((await answer.json()) as { subscription: { status: string } }).subscription.status === 'active';
      },
      await page.evaluate(() => localStorage.getItem('mc_token')),
      { polling: 200 },
    );
    await billing();
    await page.getByText('Active', { exact: true }).waitFor();
    await page.getByText(/Next invoice: .*£22\.80.* including VAT/).waitFor();
    await page.getByRole('row').filter({ hasText: '£22.80' }).getByText('Paid').waitFor();
    const pdf = await page
      .getByRole('link', { name: /^PDF of invoice/ })
      .first()
      .getAttribute('href');
    assert.equal((await fetch(pdf!)).headers.get('content-type'), 'application/pdf');
  });

  it('upgrades for the price that was said before', async () => {
    await page.getByRole('button', { name: 'Choose Business' }).click();
    const dialog = page.getByRole('dialog');
    const pay = dialog.getByRole('button', { name: /^Pay £[0-9.]+ and change$/ });
    const said = /£[0-9.]+/.exec((await pay.textContent())!)![0];
    await dialog.getByText('£49 a month').waitFor();
    await pay.click();
    await plan('Business').waitFor();
    await page.getByRole('row').filter({ hasText: said }).getByText('Paid').waitFor();
  });

  it('hears of a failed payment in the pages and by mail, and fixes it with one button', async () => {
    await page.getByRole('button', { name: 'Change card' }).click();
    await stripe('portal');
    await page.getByRole('button', { name: 'Use a card that is declined later' }).click();
    await back();
    await control('/advance', { hours: 31 * 24 });
    for (let n = 0; ; n++) {
      const mail = await stack.mail(person.email);
      if (/payment for Mi Connect failed/.test(mail.subject)) {
        assert.ok(mail.links.includes(`${stack.origin}/app/billing`));
        break;
      }
      assert.ok(n < 100, `the newest mail is: ${mail.subject}`);
      await new Promise((done) => setTimeout(done, 100));
    }
    await page.goto(`${stack.origin}/app`);
    await page.getByRole('region', { name: 'Billing' }).getByText('A payment failed').waitFor();
    await page.getByRole('link', { name: 'Go to billing' }).click();
    await page.getByRole('heading', { name: 'A payment failed' }).waitFor();
    await page.getByText('Payment overdue').waitFor();
    await page.getByRole('button', { name: 'Fix payment' }).click();
    await stripe('invoice');
    await page.getByRole('button', { name: 'Pay with a card that works' }).click();
    await page.getByText(', paid').waitFor();
    await page.goto(`${stack.origin}/app/billing?checkout=done`);
    await page.getByText('Active', { exact: true }).waitFor();
    assert.equal(await page.getByRole('heading', { name: 'A payment failed' }).count(), 0);
  });

  it('cancels at the end of the month, takes it back, and cancels permanently', async () => {
    await page.getByRole('button', { name: 'Cancel at the end of the month' }).click();
    await page.getByText(/Ends on/).waitFor();
    await page.getByRole('button', { name: 'Keep my plan' }).click();
    await page.getByText(/Renews on/).waitFor();
    await page.getByRole('button', { name: 'Cancel at the end of the month' }).click();
    await page.getByText(/Ends on/).waitFor();
    await control('/advance', { hours: 32 * 24 });
    await page.goto(`${stack.origin}/app/billing?checkout=done`);
    await plan('Free').waitFor();
    await page.getByRole('heading', { name: 'Your subscription has ended' }).waitFor();
    await page.getByRole('button', { name: 'Choose Starter' }).waitFor(); // no second trial
  });

  it('speaks to nobody else, stores nothing more, and no page complained', async () => {
    assert.deepEqual([...hosts], [new URL(stack.origin).host]);
    const stored = await page.evaluate(() => ({ local: Object.keys(localStorage), cookie: document.cookie }));
    assert.deepEqual([stored.local.filter((k) => k !== 'mc_token' && k !== 'mc_cookies'), stored.cookie], [[], '']);
    assert.deepEqual(faults, []);
  });
});
