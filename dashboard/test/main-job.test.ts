import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch, open, storage } from './browser';
import { serve } from './server';

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;
before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser.close();
  await host.close();
});

test('register, verify, reload, add a site, see the funnel, mark called, log out', async () => {
  const { world, origin } = host;
  const { page, context, bad } = await open(browser, origin, { permissions: ['clipboard-read', 'clipboard-write'] });

  await page.goto('/register');
  assert.deepEqual(await storage(page), {});
  await page.getByLabel('Name').fill('Ada Lovelace');
  await page.getByLabel('Company').fill('Acme Dental');
  await page.getByLabel('Email').fill('ada@blocked.example');
  await page.getByRole('button', { name: 'Create account' }).click();

  // The API's errors stand next to their fields, and the summary has the focus.
  await page.getByRole('alert').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement?.className), 'summary');
  assert.equal(await page.getByLabel('Email').getAttribute('aria-invalid'), 'true');

  await page.getByLabel('Email').fill('ada@acme.example');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Check your email' }).waitFor();
  await page.getByText('ada@acme.example').waitFor();

  const link = [...world.links.keys()][0]!;
  await page.goto(`/verify?token=${link}`);
  await page.getByText('ada@acme.example').waitFor();
  await page.getByLabel('Password', { exact: true }).fill('password');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.locator('#field-password-error', { hasText: 'too common' }).waitFor();
  assert.deepEqual(await storage(page), {});
  await page.getByLabel('Password', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.waitForURL('**/app');
  await page.getByRole('heading', { name: 'Add your first site' }).waitFor();
  assert.deepEqual(Object.keys(await storage(page)), ['mc_token']);
  await page.reload();
  await page.getByRole('link', { name: 'Add your first site' }).click();

  await page.getByRole('button', { name: 'Add site' }).click();
  assert.match((await page.getByRole('alert').textContent())!, /2 problems/);
  await page.getByLabel('Name').fill('Acme Dental');
  await page.getByLabel('Website address').fill('www.acme.example/contact?x=1');
  await page.keyboard.press('Tab');
  await page.getByText('All pages of www.acme.example and acme.example').waitFor();
  assert.equal(await page.getByLabel('Website address').inputValue(), 'https://www.acme.example');
  await page.getByRole('button', { name: 'Add address' }).click();
  await page.getByLabel('Address 2').fill('refused.example');
  await page.getByRole('button', { name: 'Add site' }).click();
  await page.locator('#field-origins-1-error').waitFor();
  await page.getByLabel('Address 2').fill('http://127.0.0.1:3001');
  await page.getByRole('button', { name: 'Add site' }).click();

  await page.waitForURL('**/install');
  const site = world.sites[0]!;
  assert.deepEqual(site.origins, ['https://www.acme.example', 'http://127.0.0.1:3001']);
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Copied').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), site.snippet);
  const port = Number(new URL(origin).port);
  assert.equal(
    await page.getByRole('link', { name: 'Open the demo site' }).getAttribute('href'),
    `http://127.0.0.1:${port + 1}/?site=${site.key}`,
  );
  await page.getByText('No visit yet.').waitFor();

  world.totals.set(site.id, { impressions: 1204, opens: 101, submits: 24 });
  world.filtered = { bot: 31, origin: 2 };
  const visitor = world.callback(site, { name: 'Grace Hopper', message: 'After lunch, please.' });
  await page.getByText('It works.').waitFor({ timeout: 9000 });
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
  await page.getByText('1,204').first().waitFor();
  assert.match(
    await page.locator('.funnel').innerText(),
    /about 1 in 12 \(.*\) of visits that saw it[\s\S]*about 1 in 4 /,
  );
  await page.locator('.bars canvas').first().waitFor();

  // A refresh changes the figures and nothing else: the focus stays where it was.
  await page.getByText('Show as a table').first().focus();
  world.totals.set(site.id, { impressions: 1205, opens: 102, submits: 25 });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByText('1,205').first().waitFor({ timeout: 9000 });
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'SUMMARY');

  await page.getByRole('navigation', { name: 'Site' }).getByRole('link', { name: 'Inbox' }).click();
  await page.getByRole('link', { name: 'Call +44 7700 900123' }).waitFor();
  await page.getByRole('button', { name: 'Talked' }).click();
  await page.getByText('Grace Hopper: talked.').waitFor();
  await page.waitForFunction(() => document.activeElement?.textContent === 'Mark as new');
  assert.equal(visitor.status, 'called');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Talked' }).waitFor();
  await page.waitForTimeout(50);
  assert.equal(visitor.status, 'new');

  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You’ve been logged out.').waitFor();
  assert.deepEqual(await storage(page), {});
  assert.equal(world.sessions.size, 0);
  await page.goto(`/app/sites/${site.id}/inbox?status=all`);
  await page.getByRole('heading', { name: 'Log in' }).waitFor();
  await page.getByLabel('Email').fill('ada@acme.example');
  await page.getByLabel('Password', { exact: true }).fill('wrong horse');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Wrong email or password.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor();
  assert.equal(new URL(page.url()).pathname + new URL(page.url()).search, `/app/sites/${site.id}/inbox?status=all`);

  assert.deepEqual(bad, []);
  await context.close();
});
