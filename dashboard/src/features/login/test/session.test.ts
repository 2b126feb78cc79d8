import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, open, storage } from '../../../../test/browser';
import { serve } from '../../../../test/server';

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;
before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser.close();
  await host.close();
});
beforeEach(() => {
  host.world.reset();
  host.world.user('ada@acme.example');
  host.world.site('Acme Dental');
});

const stored = (token: string) => ({
  cookies: [],
  origins: [{ origin: host.origin, localStorage: [{ name: 'mc_token', value: token }] }],
});

/** A page with the token stored once; what happens to it afterwards is the page's doing. */
async function signedIn() {
  const { world, origin } = host;
  const token = world.token(world.users[0]!);
  const watched = await open(browser, origin, { storageState: stored(token) });
  return { ...watched, token, world };
}
const loginShown = (page: Page) => page.getByRole('heading', { name: 'Log in' }).waitFor();
const held = async (page: Page) => (await storage(page)).mc_token;

test('deleting the key logs out at once, in this tab and from another', async () => {
  const { page, context, token, bad } = await signedIn();
  await page.goto('/app');
  await page.getByRole('heading', { name: 'Acme Dental' }).waitFor();
  await page.evaluate(() => localStorage.removeItem('mc_token'));
  await loginShown(page);
  assert.equal(await page.getByText('You were logged out on this device.').count(), 1);

  await page.evaluate((value) => localStorage.setItem('mc_token', value), token);
  await page.getByRole('heading', { name: 'Acme Dental' }).waitFor();
  const other = await context.newPage();
  await other.goto('/favicon.svg');
  await other.evaluate(() => localStorage.clear());
  await page.waitForURL('**/login*');
  assert.deepEqual(bad, []);
  await context.close();
});

test('a login that ends while the page is open is deleted by the timer', async () => {
  const { page, context } = await signedIn();
  await page.clock.install();
  await page.goto('/app');
  await page.getByRole('heading', { name: 'Acme Dental' }).waitFor();
  await page.clock.fastForward(167 * 3_600_000);
  assert.ok(await held(page));
  await page.clock.fastForward(3_600_000);
  await loginShown(page);
  await page.getByText('Your session has expired.').waitFor();
  assert.equal(await held(page), undefined);
  await context.close();
});

test('on load an ended or foreign token is deleted, and never sent', async () => {
  for (const token of [`u_1.secret.${Math.floor(Date.now() / 1000 - 5).toString(36)}`, 'not a token', '']) {
    const { page, context } = await open(browser, host.origin, { storageState: stored(token) });
    host.world.log.length = 0;
    await page.goto('/app/devices');
    await loginShown(page);
    assert.equal(await held(page), undefined);
    assert.deepEqual(host.world.log, []);
    await context.close();
  }
});

test('a 401 in the middle asks to log in, and leads back', async () => {
  const { page, context, world, bad } = await signedIn();
  world.callback(world.sites[0]!, { name: 'Grace Hopper' });
  await page.goto('/app/sites/st_1/inbox?status=all');
  await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor();
  world.sessions.clear();
  await page.getByRole('button', { name: 'Talked' }).click();
  await page.getByText('Your session has expired.').waitFor();
  assert.deepEqual(await storage(page), {});
  await page.getByLabel('Email').fill('ada@acme.example');
  await page.getByLabel('Password', { exact: true }).fill('correct horse');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor();
  assert.equal(world.callbacks.get('st_1')![0]!.status, 'new');
  assert.deepEqual(bad, []);
  await context.close();
});

test('logging out deletes the key even when the API fails', async () => {
  const { page, context, world } = await signedIn();
  world.planned.set('POST /v1/logout', 'drop');
  await page.goto('/app');
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByText('You’ve been logged out.').waitFor();
  assert.deepEqual(await storage(page), {});
  await context.close();
});

test('after logging in nobody is led to another site', async () => {
  const { page, context } = await open(browser, host.origin);
  await page.goto(`/login?next=${encodeURIComponent('//evil.example/app')}`);
  await page.getByLabel('Email').fill('ada@acme.example');
  await page.getByLabel('Password', { exact: true }).fill('correct horse');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Your sites' }).waitFor();
  assert.equal(page.url(), `${host.origin}/app`);
  await context.close();
});

test('a GET is tried again, a write never', async () => {
  const { page, context, world } = await signedIn();
  const asked = (route: string) => world.log.filter((line) => line === route).length;
  world.planned.set('GET /v1/sites', { status: 503, body: {} });
  await page.goto('/app');
  await page.getByRole('heading', { name: 'Acme Dental' }).waitFor();
  assert.equal(asked('GET /v1/sites'), 2);

  world.planned.set('POST /v1/sites', { status: 503, body: { detail: 'Try again later.' } });
  await page.goto('/app/sites/new');
  await page.getByLabel('Name').fill('Harbour');
  await page.getByLabel('Website address').fill('harbour.example');
  await page.getByRole('button', { name: 'Add site' }).click();
  await page.getByText('Try again later.').waitFor();
  await page.waitForTimeout(600);
  assert.equal(asked('POST /v1/sites'), 1);
  assert.equal(await page.getByLabel('Name').inputValue(), 'Harbour');
  await context.close();
});

test('a refresh that fails keeps the figures and says that they may be old', async () => {
  const { page, context, world, bad } = await signedIn();
  world.totals.set('st_1', { impressions: 500, opens: 50, submits: 5 });
  await page.goto('/app/sites/st_1');
  await page.getByText('500', { exact: true }).first().waitFor();
  world.planned.set('GET /v1/sites/st_1/stats', { status: 500, body: {} });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByText('These figures may be out of date.').waitFor();
  assert.ok(await page.getByText('500', { exact: true }).first().isVisible());
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByText('These figures may be out of date.').waitFor({ state: 'detached' });
  assert.deepEqual(bad, []);
  await context.close();
});

test('changing the account says so with every call, and forgets it with the login', async () => {
  const { page, context, world } = await signedIn();
  world.accounts = [{ id: 'a_2', name: 'Harbour Physio', role: 'admin' }];
  await page.goto('/app');
  await page.getByRole('button', { name: 'Account' }).click();
  await page.getByRole('button', { name: 'Harbour Physio' }).click();
  await page.waitForTimeout(300);
  assert.ok(world.log.includes('GET /v1/sites as a_2'), world.log.join('\n'));
  assert.deepEqual(Object.keys(await storage(page)), ['mc_token']);
  await context.close();
});

test('everything can be done by keyboard, and the focus is never lost', async () => {
  const { page, context, world, bad } = await signedIn();
  world.callback(world.sites[0]!, { name: 'Grace Hopper' });
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
  await page.goto('/app');
  await page.getByRole('heading', { name: 'Acme Dental' }).waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'main');
  await page.getByRole('link', { name: 'Acme Dental', exact: true }).press('Enter');
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1');
  assert.match(await focused(), /Acme Dental: Overview/);
  assert.equal(await page.title(), '(1) Overview · Acme Dental · Mi Connect');

  // The range changes the figures, not the place.
  await page.getByRole('link', { name: '7 days' }).press('Enter');
  await page.waitForURL('**?range=7d');
  assert.equal(await focused(), '7 days');

  const account = page.getByRole('button', { name: 'Account' });
  await account.press('Enter');
  await page.getByRole('link', { name: 'Devices' }).waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('link', { name: 'Devices' }).count(), 0);
  assert.match(await focused(), /Account/);

  await page.getByRole('link', { name: 'Settings' }).press('Enter');
  const remove = page.getByRole('button', { name: 'Delete site' });
  await remove.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await focused(), 'Delete site');
  await remove.press('Enter');
  await page.getByLabel('Type Acme Dental to confirm').fill('Acme Dental');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Add your first site' }).waitFor();
  assert.equal(world.sites.length, 0);

  await page.goBack();
  await page.goForward();
  await page.getByRole('heading', { name: 'Add your first site' }).waitFor();
  assert.deepEqual(bad, []);
  await context.close();
});

test('a part of the pages that cannot be fetched says so', async () => {
  const { page, context } = await open(browser, host.origin);
  await page.route(/\/assets\/privacy-.*\.js/, (route) => route.abort());
  await page.goto('/privacy');
  await page.getByRole('heading', { name: 'This page couldn’t be loaded' }).waitFor();
  await context.close();
});

test('a visitor moves, cancels and erases their own request', async () => {
  const { world, origin } = host;
  const item = world.callback(world.sites[0]!, { name: 'Grace Hopper' });
  const { page, context, bad } = await open(browser, origin);
  await page.goto('/request?token=own-cb_1');
  await page.getByRole('button', { name: 'Choose another time' }).click();
  await page.getByLabel('When').fill('2099-05-04T10:30');
  await page.getByRole('button', { name: 'Move call' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(item.at, '2099-05-04T09:30:00.000Z');
  await page.getByText(/4 May/).first().waitFor();
  item.status = 'called';
  await page.getByRole('button', { name: 'Cancel call' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel call' }).click();
  await page.getByText('This request has already been dealt with').waitFor();
  item.status = 'new';
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel call' }).click();
  await page.getByRole('heading', { name: 'Call cancelled' }).waitFor();
  await page.getByRole('button', { name: 'Erase my data' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Erase my data' }).click();
  await page.getByRole('heading', { name: 'Your data has been erased' }).waitFor();
  assert.deepEqual(world.callbacks.get('st_1'), []);
  assert.deepEqual(await storage(page), {});
  assert.deepEqual(bad, []);
  await context.close();
});
