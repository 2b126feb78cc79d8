// A request's way through the house: asked on a phone, told by mail, claimed in one window and seen in the others,
// called, its outcome, and the figures. Two people work the inbox: one at a desktop with the keys alone, one on a
// phone.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { launch, profile } from './browser.ts';
import { Stack } from './stack.ts';

const jo = { name: 'Jo Field', company: 'Field Plumbing', email: 'jo@example.com', password: 'a long enough password' };
const kim = { name: 'Kim Guest', email: 'kim@example.com', password: 'another long password' };
const visitor = 'Ada Visitor';
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

describe('a request', { timeout: 180_000 }, () => {
  let stack: Stack, browser: Browser, desk: Page, pocket: Page, guest: Page;
  let site = { id: '', key: '' };
  const faults: string[][] = [];

  const open = async (options: Parameters<Browser['newContext']>[0], token?: string) => {
    const made = await profile(browser, options);
    faults.push(made.faults);
    // The policy's own key: a page's script cannot be in time to set it.
    if (token)
      await made.context.addInitScript((t) => location.origin === 'null' || localStorage.setItem('mc_token', t), token);
    return made.context.newPage();
  };
  const api = async (token: string, method: string, path: string, body?: object) => {
    const answer = await fetch(stack.origin + path, {
      method,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${answer.ok || (await answer.text())}`);
    return (await answer.json()) as Record<string, string>;
  };

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    const owner = await stack.signUp(jo);
    await stack.subscribe(owner, 'agency');
    site = (await api(owner, 'POST', '/v1/sites', {
      name: 'Field',
      origins: [stack.demo],
      timeZone: 'Europe/London',
    })) as unknown as typeof site;
    const address = `/v1/sites/${site.id}/hours`;
    const suggested = await api(owner, 'GET', address);
    const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];
    const week = days.map((day) => ({ day, from: '00:00', to: '24:00' }));
    await api(owner, 'PUT', address, { ...suggested, enabled: true, week, bankHolidays: '' });
    await api(owner, 'POST', '/v1/invitations', { email: kim.email, role: 'agent' });
    const link = (await stack.mail(kim.email)).links.find((l) => l.includes('/invitation?token='))!;
    const { token } = (await api('', 'POST', '/v1/invitations/join', {
      token: new URL(link).searchParams.get('token'),
      name: kim.name,
      password: kim.password,
    })) as unknown as { token: string };
    desk = await open({ viewport: { width: 1280, height: 800 } }, token);
    pocket = await open(phone, owner);
    await desk.goto(`${stack.origin}/app/inbox`);
    await pocket.goto(`${stack.origin}/app/inbox`);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  it('is asked for on a phone, with what is promised said before and after', async () => {
    guest = await open(phone);
    await guest.goto(`${stack.demo}/?site=${site.key}`);
    await guest.getByRole('button', { name: 'Request a call' }).click();
    await guest.getByLabel('Your name').fill(visitor);
    await guest.getByLabel('Phone number').fill('07700 900123');
    await guest.waitForTimeout(2_000); // as people take: a form sent at once gets a puzzle first
    await guest.getByRole('dialog').getByRole('button', { name: 'Request a call' }).click();
    await guest.getByRole('heading', { name: /Thank you/ }).waitFor();
  });

  it('is mailed to both, and is in both open inboxes without a reload', async () => {
    const asked = Date.now();
    for (const to of [jo.email, kim.email]) await stack.mail(to, '+44 7700 900123');
    assert.ok(Date.now() - asked < 5_000, 'the mails came within 5 seconds');
    for (const page of [desk, pocket]) await page.getByRole('listitem').filter({ hasText: visitor }).waitFor();
  });

  it('is claimed by the keys alone, which the other window and the visitor see', async () => {
    await guest.goto((await guest.locator('a[href*="/request?token="]').getAttribute('href'))!);
    await guest.getByText('You’re next').waitFor();
    await desk.keyboard.press('j');
    await desk.getByRole('article', { name: visitor }).waitFor();
    await desk.keyboard.press('c');
    await desk.getByRole('listitem').filter({ hasText: 'You’re calling' }).waitFor();
    await pocket
      .getByRole('listitem')
      .filter({ hasText: `${kim.name} is calling` })
      .waitFor();
    await guest.getByRole('heading', { name: 'Field is calling you now' }).waitFor({ timeout: 20_000 });
  });

  it('is not taken over by the second who presses Call', async () => {
    await pocket.getByRole('listitem').filter({ hasText: visitor }).getByRole('link').click();
    await pocket.getByRole('link', { name: /^Call / }).click();
    await pocket.locator('.toast', { hasText: `${kim.name} is calling ${visitor}` }).waitFor();
  });

  it('has an outcome, in the history, on the visitor’s page and in the figures', async () => {
    // A whole browser asks which program calls, and its question holds the tab's keys.
    desk = await desk.context().newPage();
    await desk.goto(`${stack.origin}/app/inbox`);
    await desk.getByRole('article', { name: visitor }).waitFor();
    await desk.keyboard.press('o');
    await desk.keyboard.press('Enter');
    await desk.locator('.toast', { hasText: `${visitor}: talked` }).waitFor();
    await desk.getByText('Called', { exact: true }).first().click();
    await desk.getByRole('listitem').filter({ hasText: visitor }).getByRole('link').click();
    await desk.getByRole('article', { name: visitor }).getByText('Talked · ').waitFor();
    await guest.getByRole('heading', { name: 'Field has called you' }).waitFor({ timeout: 20_000 });
    await pocket.goto(`${stack.origin}/app/sites/${site.id}`);
    await pocket.getByText('1 of 1 promised call was made in time.').waitFor();
    for (const list of faults)
      assert.deepEqual(
        list.filter((fault) => !fault.includes('409')),
        [],
      );
  });
});
