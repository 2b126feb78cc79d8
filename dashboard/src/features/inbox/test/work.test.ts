import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch, open } from '../../../../test/browser';
import { serve } from '../../../../test/server';
import { busy } from '../../../../test/view';

let browser: Browser;
let host: Awaited<ReturnType<typeof serve>>;

before(async () => {
  [browser, host] = await Promise.all([launch(), serve()]);
});
after(async () => {
  await browser.close();
  await host.close();
});

async function inbox(address: string) {
  const { world } = host;
  world.reset();
  const token = world.token(world.user('ada@acme.example'));
  busy(world);
  const { page, context, bad } = await open(browser, host.origin, {
    storageState: {
      cookies: [],
      origins: [{ origin: host.origin, localStorage: [{ name: 'mc_token', value: token }] }],
    },
  });
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.goto(address);
  await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor();
  return { world, page, context, bad };
}

test('inbox: worked by the keyboard alone, and what others do is seen', async () => {
  const { world, page, context, bad } = await inbox('/app/inbox');
  const grace = world.callbacks.get('st_1')![0]!;
  await page.waitForFunction(() => document.title === '(5) Inbox · Mi Connect');

  await page.keyboard.press('j');
  await page.getByRole('heading', { name: 'Visitor 7' }).waitFor();
  await page.keyboard.press('k');
  await page.getByRole('heading', { name: 'Grace Hopper' }).waitFor();
  await page.keyboard.press('n');
  await page.keyboard.type('Rings at six.');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Changed the note').waitFor();
  assert.equal(grace.note, 'Rings at six.');

  // Somebody else begins to call: seen at the next look, and nothing is overwritten.
  const until = new Date(Date.now() + 500_000).toISOString();
  const updatedAt = new Date(Date.now() + 1000).toISOString();
  Object.assign(grace, { claim: { name: 'Gina Rossi', mine: false, until }, updatedAt });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  await page.getByText('Gina Rossi is calling.').waitFor();

  await page.keyboard.press('o');
  await page.keyboard.press('Enter');
  await page.getByText('Grace Hopper: talked.').waitFor();
  await page.waitForFunction(() => document.title === '(4) Inbox · Mi Connect');

  await page.keyboard.press('/');
  await page.keyboard.type('turing');
  await page.getByRole('heading', { name: 'Alan Turing' }).waitFor();
  assert.deepEqual(bad, []);
  await context.close();
});

test('inbox: several at once, with those that somebody else has changed, and undone', async () => {
  const { world, page, context, bad } = await inbox('/app/inbox');
  const list = world.callbacks.get('st_1')!;
  for (const name of ['Visitor 4', 'Visitor 5', 'Visitor 6']) await page.getByLabel(`Select ${name}`).check();
  list.find((item) => item.name === 'Visitor 5')!.updatedAt = new Date(Date.now() + 1000).toISOString();
  const group = page.getByRole('group', { name: 'Selected requests' });
  await group.getByRole('button', { name: 'Spam' }).click();
  await page.getByText('2 marked as spam. Not changed: Visitor 5: Gina Rossi has changed').waitFor();
  const states = () => [3, 4, 5].map((n) => list[n]!.outcome ?? list[n]!.status).join(' ');
  assert.equal(states(), 'spam new spam');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.waitForFunction(() => document.title === '(5) Inbox · Mi Connect');
  assert.equal(states(), 'new new new');
  assert.deepEqual(bad, []);
  await context.close();
});
