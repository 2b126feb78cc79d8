// Text that would do harm on a page, in every field that a page or a mail shows: it stays text.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, profile } from './browser.ts';
import { Stack } from './stack.ts';

const image = '<img src=x onerror=window.harmed=1>';
const hostile = `${image}<script>window.harmed=2</script>"'>{{7*7}}`;
const link = 'javascript:window.harmed=3';

describe('hostile text', { timeout: 240_000 }, () => {
  let stack: Stack, browser: Browser;
  let owner = '',
    guest = '',
    own = '',
    site: { id: string; key: string };

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    owner = await stack.signUp({
      name: `Pat ${image}`,
      company: `Field ${image}`,
      email: 'pat@example.com',
      password: 'a long enough password',
    });
    await stack.subscribe(owner, 'agency');
    site = (await post('/v1/sites', { name: `Site ${image}`, origins: [stack.demo] }, owner)) as typeof site;
    own = await visitor({
      name: hostile.slice(0, 90),
      phone: '+447700900123',
      email: 'vera@example.com',
      department: image,
      message: `${hostile}\n${link}`,
      page: `${stack.demo}/?q=${encodeURIComponent(image)}`,
    });
    await post('/v1/invitations', { email: 'kim@example.com', role: 'admin' }, owner);
    await post('/v1/clients', { name: `Client ${image}`, payer: 'agency' }, owner);
    await post('/v1/clients/invitations', { email: 'cleo@example.com', payer: 'client' }, owner);
    guest = await stack.signUp({
      name: `Cleo ${image}`,
      company: `Cleo ${image}`,
      email: 'cleo@example.com',
      password: 'a long enough password',
    });
    await fetch(`${stack.origin}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', origin: stack.demo },
      body: JSON.stringify({
        site: site.key,
        session: 'H'.repeat(22),
        page: `/${encodeURIComponent(image)}`,
        referrer: `https://${'evil'}.example/${image}`,
        sent: 900,
        events: [{ type: 'impression', t: 400 }],
      }),
    });
    await fetch(`${stack.origin}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': image },
      body: JSON.stringify({ email: 'pat@example.com', password: image }),
    });
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const post = async (path: string, body: unknown, bearer = '') => {
    const answer = await fetch(stack.origin + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify(body),
    });
    assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
    return answer.status === 204 ? {} : answer.json();
  };
  const visitor = async (request: Record<string, string>) => {
    const answer = await fetch(`${stack.origin}/v1/callbacks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: stack.demo, 'idempotency-key': 'hostile-text' },
      body: JSON.stringify({ site: site.key, ...request }),
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    return ((await answer.json()) as { manageUrl: string }).manageUrl;
  };
  const mailed = async (to: string, path: string) => {
    for (let n = 0; n < 100; n++) {
      const mails = (await (await fetch(`${stack.origin}/_local/mail`)).json()) as { to: string; links: string[] }[];
      const found = mails
        .filter((m) => m.to.includes(to))
        .flatMap((m) => m.links)
        .find((l) => l.includes(path));
      if (found) return found;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`no mail to ${to} with a link to ${path}`);
  };
  const harmless = async (page: Page) => {
    assert.equal(await page.evaluate(() => (window as unknown as { harmed?: number }).harmed), undefined, page.url());
    assert.equal(await page.locator("img[src='x'], script:not([src]):has-text('harmed')").count(), 0, page.url());
    assert.equal(await page.locator("a[href^='javascript:']").count(), 0, page.url());
  };

  it('is text on every page that shows it', async () => {
    const { context, faults } = await profile(browser);
    const dialogs: string[] = [];
    const page = await context.newPage();
    page.on('dialog', (d) => {
      dialogs.push(d.message());
      void d.dismiss();
    });
    await page.goto(stack.origin);
    await page.evaluate((t) => localStorage.setItem('mc_token', t), owner);
    const pages: [string, string | null][] = [
      ['/app', `Site ${image}`],
      [`/app/sites/${site.id}`, `Site ${image}`],
      [`/app/sites/${site.id}/inbox`, '<script>window.harmed=2</script>'],
      [`/app/sites/${site.id}/install`, null],
      [`/app/sites/${site.id}/settings`, null],
      [`/app/sites/${site.id}/privacy`, null],
      ['/app/people', `Pat ${image}`],
      ['/app/clients', `Client ${image}`],
      ['/app/log', `Pat ${image}`],
      ['/app/security', image],
      ['/app/devices', null],
      ['/app/billing', null],
    ];
    for (const [path, text] of pages) {
      await page.goto(stack.origin + path);
      await page.locator('h1').first().waitFor();
      if (text) await page.locator('main').getByText(text).locator('visible=true').first().waitFor();
      await page.waitForLoadState('networkidle');
      await harmless(page);
    }
    await page.getByRole('button', { name: /Account$/ }).click();
    await page.locator('#account-menu').getByText(`Client ${image}`).waitFor();
    await harmless(page);

    // The pages that mails lead to: an invitation, an agency's question; and the visitor's own.
    await page.evaluate(() => localStorage.removeItem('mc_token'));
    await page.goto(await mailed('kim@example.com', '/invitation'));
    await page.getByText(`Field ${image}`).first().waitFor();
    await harmless(page);
    await page.evaluate((t) => localStorage.setItem('mc_token', t), guest);
    await page.goto(await mailed('cleo@example.com', '/client?'));
    await page.getByText(`Field ${image}`).first().waitFor();
    await harmless(page);
    await page.goto(own);
    await page.getByText('<script>window.harmed=2</script>').first().waitFor();
    await harmless(page);
    // Stripe's own pages show what we call the customer.
    await page.goto(stack.origin);
    await page.evaluate((t) => localStorage.setItem('mc_token', t), owner);
    await page.goto(`${stack.origin}/app/billing`);
    await page.getByRole('button', { name: 'Billing details and VAT number' }).click();
    await page.waitForURL('**/_local/stripe/portal/**');
    await harmless(page);
    assert.deepEqual(dialogs, []);
    assert.deepEqual(faults, []);
  });

  it('is text in the mails, also as HTML', async () => {
    const answer = await fetch(`${stack.origin}/_local/mail`);
    const mails = (await answer.json()) as { subject: string; html: string; text: string }[];
    assert.ok(mails.length >= 4);
    for (const mail of mails) {
      assert.ok(!/[\r\n]/.test(mail.subject), mail.subject);
      assert.ok(mail.html.includes('<html') && !mail.html.includes('<img src=x'), mail.html);
    }
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${stack.origin}/_local/mail/`);
    await page.waitForLoadState('networkidle');
    await harmless(page);
  });
});
