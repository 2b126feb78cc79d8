// People: a passkey, an invitation, an agency's client, a device that is logged out.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { launch, profile } from './browser.ts';
import { Stack } from './stack.ts';

const owner = {
  name: 'Jo Field',
  company: 'Field Agency',
  email: 'jo@example.com',
  password: 'a long enough password',
};
const guest = { name: 'Kim Guest', email: 'kim@example.com', password: 'another long password' };

describe('people', { timeout: 240_000 }, () => {
  let stack: Stack, browser: Browser, context: BrowserContext, page: Page, faults: string[], cdp: CDPSession;
  let authenticatorId = '';

  before(async () => {
    stack = await Stack.start();
    browser = await launch();
    ({ context, faults } = await profile(browser));
    page = await context.newPage();
    cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    ({ authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    }));
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const link = async (to: string, page: string) => {
    for (let n = 0; n < 100; n++) {
      const mails = (await (await fetch(`${stack.origin}/_local/mail`)).json()) as { to: string; links: string[] }[];
      const found = mails
        .filter((m) => m.to.includes(to))
        .flatMap((m) => m.links)
        .find((l) => l.includes(`${page}?token=`));
      if (found) return found;
      await new Promise((done) => setTimeout(done, 100));
    }
    throw new Error(`no mail to ${to} with a link to ${page}`);
  };
  const menu = async (name: string) => {
    await page.getByRole('button', { name: /Account$/ }).click();
    await page.locator('#account-menu').getByText(name, { exact: false }).first().click();
  };
  const api = (path: string, init: RequestInit = {}, bearer?: string) =>
    fetch(stack.origin + path, {
      ...init,
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    });
  const token = (on: Page) => on.evaluate(() => localStorage.getItem('mc_token'));

  it('registers and confirms the address', async () => {
    await page.goto(`${stack.origin}/register`);
    await page.getByLabel('Name', { exact: true }).fill(owner.name);
    await page.getByLabel('Company').fill(owner.company);
    await page.getByLabel('Email').fill(owner.email);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Check your email' }).waitFor();
    await page.goto(await link(owner.email, '/verify'));
    await page.getByLabel('Password', { exact: true }).fill('password');
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.locator('#field-password-error', { hasText: 'too common' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.waitForURL(`${stack.origin}/app**`);
  });

  // A foreign page leads the owner's browser to a link that logs in as somebody else.
  it("keeps its login when a foreign page opens somebody else's links", async () => {
    const before = await token(page);
    const eve = { name: 'Eve', company: 'Evil', email: 'eve@evil.example', password: "the attacker's own horse" };
    await stack.signUp(eve);
    await api('/v1/login/link', { method: 'POST', body: JSON.stringify({ email: eve.email }) });
    await api('/v1/register', { method: 'POST', body: JSON.stringify({ ...eve, email: 'eve2@evil.example' }) });
    for (const [address, path] of [
      [eve.email, '/login/link'],
      ['eve2@evil.example', '/verify'],
    ] as const) {
      const bad = await link(address, path);
      const foreign = await page.context().newPage();
      await foreign.goto(stack.demo);
      const opened = foreign.waitForEvent('popup');
      await foreign.evaluate((to) => void window.open(to), bad);
      const popup = await opened;
      await popup.getByRole('heading', { name: 'You’re already logged in' }).waitFor();
      assert.equal(await token(popup), before, `${path} has changed the login without a press`);
      await popup.getByRole('link', { name: 'Stay logged in' }).click();
      await popup.waitForURL(`${stack.origin}/app**`);
      assert.equal(await token(page), before);
      await popup.close();
      await foreign.close();
    }
  });

  it('adds a passkey, and logs in with it alone', async () => {
    await page.goto(`${stack.origin}/app/security`);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill('not the password');
    await dialog.getByRole('button', { name: 'Add passkey' }).click();
    await page.locator('#field-password-error', { hasText: 'Wrong password' }).waitFor();
    await dialog.getByLabel('Your password').fill(owner.password);
    await dialog.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    const codes = (await page.locator('#recovery-codes').innerText()).trim().split('\n');
    assert.equal(codes.length, 10);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('This device').first().waitFor();
    assert.equal((await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials.length, 1);

    // A password alone is not enough any more.
    const refused = await api('/v1/login', {
      method: 'POST',
      body: JSON.stringify({ email: owner.email, password: owner.password }),
    });
    assert.equal(refused.status, 401);
    assert.equal(((await refused.json()) as { type: string }).type, 'urn:mi-connect:problem:code-needed');

    await menu('Log out');
    await page.goto(`${stack.origin}/login`);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${stack.origin}/app**`);
    await page.goto(`${stack.origin}/app/security`);
    await page.getByText(/last used/).waitFor();

    // And with the password, a recovery code is the second factor.
    await menu('Log out');
    await page.goto(`${stack.origin}/login`);
    await page.getByLabel('Email').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('heading', { name: 'Two-factor authentication' }).waitFor();
    await page.getByLabel('Code', { exact: true }).fill('123456');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.locator('#field-code-error', { hasText: 'wrong or has already been used' }).waitFor();
    await page.getByLabel('Code', { exact: true }).fill(codes[0]!);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.waitForURL(`${stack.origin}/app**`);
  });

  it('refuses passkeys whose counter went back', async () => {
    const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    const held = credentials[0]!;
    assert.ok(held.signCount > 0);
    await cdp.send('WebAuthn.removeCredential', { authenticatorId, credentialId: held.credentialId });
    await cdp.send('WebAuthn.addCredential', { authenticatorId, credential: { ...held, signCount: 0 } });
    const other = await context.newPage();
    const keep = await token(page);
    await other.close();
    await page.evaluate(() => localStorage.removeItem('mc_token'));
    await page.goto(`${stack.origin}/login`);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.getByText("This passkey wasn't accepted").waitFor();
    await page.evaluate((t) => localStorage.setItem('mc_token', t!), keep);
    await page.goto(`${stack.origin}/app`);
  });

  it('draws the secret of an authenticator in the page', async () => {
    await page.goto(`${stack.origin}/app/security`);
    await page.getByRole('button', { name: 'Add an authenticator app' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Your password').fill(owner.password);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('img', { name: /QR code/ }).waitFor();
    assert.match(await page.locator('#totp-secret').innerText(), /^[A-Z2-7]{32}$/);
    await dialog.getByLabel(/Code from the app/).fill('000000');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.locator('#field-code-error').waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  let kim: Page, kims: BrowserContext;
  it('invites somebody, who accepts in a browser of their own', async () => {
    await page.goto(`${stack.origin}/app/people`);
    const invite = async () => {
      await page.getByRole('button', { name: 'Invite' }).click();
      await page.getByRole('dialog').getByLabel('Email').fill(guest.email);
      await page.getByRole('dialog').getByRole('button', { name: 'Invite' }).click();
    };
    await invite();
    await page.getByRole('dialog').getByText('The Free plan allows 1 member.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await stack.subscribe((await token(page))!, 'agency');
    await invite();
    await page.getByText(`Invitation sent to ${guest.email}.`).waitFor();
    await page.getByRole('button', { name: `Withdraw the invitation for ${guest.email}` }).waitFor();

    const other = await profile(browser);
    kims = other.context;
    kim = await kims.newPage();
    await kim.goto(await link(guest.email, '/invitation'));
    await kim.getByText('Field Agency').first().waitFor();
    assert.ok(!kim.url().includes('token='), "the link's token stays out of the address");
    await kim.getByLabel('Name', { exact: true }).fill(guest.name);
    await kim.getByLabel('Password', { exact: true }).fill(guest.password);
    await kim.getByRole('button', { name: 'Accept' }).click();
    await kim.waitForURL(`${stack.origin}/app**`);
    await page.reload();
    await page.getByText(guest.name).first().waitFor();
    assert.deepEqual(
      other.faults.filter((f) => !f.includes('Failed to load resource')),
      [],
    );
  });

  it("switches to a client's account with one press", async () => {
    await page.goto(`${stack.origin}/app/clients`);
    await page.getByRole('button', { name: 'Add a client' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Client One');
    await page.getByRole('dialog').getByRole('button', { name: 'Add client' }).click();
    await page.getByText('Client One added.').waitFor();
    await page.getByText('you pay').waitFor();
    await page.getByRole('button', { name: /Account$/ }).click();
    await page
      .locator('#account-menu')
      .getByRole('button', { name: /Client One/ })
      .click();
    await page.waitForURL(`${stack.origin}/app`);
    await page.getByRole('button', { name: /Account$/ }).click();
    await page.locator('.menu-who', { hasText: 'Client One' }).waitFor();
    await page.keyboard.press('Escape');
    // Kim is a member of the agency too; a stranger to it is not let in.
    const me = (await (await api('/v1/me', {}, (await token(page))!)).json()) as {
      accounts: { id: string; name: string }[];
    };
    const client = me.accounts.find((a) => a.name === 'Client One')!;
    const inside = await fetch(`${stack.origin}/v1/sites`, {
      headers: { authorization: `Bearer ${await token(kim)}`, 'mi-account': client.id },
    });
    assert.equal(inside.status, 200);
  });

  it('shows the log, and the filter is in the address', async () => {
    await page.goto(`${stack.origin}/app/log`);
    await page.getByRole('cell', { name: 'Second factor added' }).first().waitFor();
    await page.getByLabel('Action').selectOption('member.');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForURL('**/app/log?action=member.');
    await page.getByRole('cell', { name: 'Joined' }).first().waitFor();
    assert.equal(await page.getByRole('cell', { name: 'Second factor added' }).count(), 0);
  });

  it('logs a device out, whose next request is refused', async () => {
    const bearer = (await token(kim))!;
    // Kim logs in elsewhere and ends the first device from there.
    const second = (await (
      await api('/v1/login', { method: 'POST', body: JSON.stringify({ email: guest.email, password: guest.password }) })
    ).json()) as { token: string };
    const list = (await (await api('/v1/sessions', {}, second.token)).json()) as {
      sessions: { id: string; current: boolean }[];
    };
    assert.equal(list.sessions.length, 2);
    await kim.goto(`${stack.origin}/app/devices`);
    await kim.getByRole('button', { name: 'Log out', exact: true }).click();
    await kim.getByText('Device logged out.').waitFor();
    assert.equal((await api('/v1/me', {}, second.token)).status, 401);
    assert.equal((await api('/v1/me', {}, bearer)).status, 200);
  });

  it('left nothing in the console and no key but the published ones', async () => {
    assert.deepEqual(
      faults.filter((f) => !f.includes('Failed to load resource')),
      [],
    );
    const keys = await page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]);
    assert.deepEqual(
      keys.filter((k) => !['mc_token', 'mc_cookies'].includes(k)),
      [],
    );
  });
});
