// The widget of a customer's page through the template's CDN, in a browser: the only thing that asks before its
// requests.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launch, profile } from './browser.ts';
import { Stack } from './stack.ts';

const template = new URL('../template.yaml', import.meta.url);
const person = {
  name: 'Jo Field',
  company: 'Field Plumbing',
  email: 'jo@example.com',
  password: 'a long enough password',
};

/** A new account's site for the demo pages; gives its key. */
async function addSite(stack: Stack): Promise<string> {
  const token = await stack.signUp(person);
  const made = await fetch(`${stack.origin}/v1/sites`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: 'Field Plumbing', origins: [stack.demo] }),
  });
  assert.equal(made.status, 201, await made.clone().text());
  return ((await made.json()) as { key: string }).key;
}

/** What becomes of a visitor's request on a page of the demo site: the statuses of what the page sent. */
async function ask(browser: Browser, stack: Stack, key: string): Promise<{ done: boolean; faults: string[] }> {
  const { context, faults } = await profile(browser);
  const page = await context.newPage();
  try {
    await page.goto(`${stack.demo}/?site=${key}`);
    const button = page.getByRole('button', { name: 'Request a call' });
    if (
      !(await button.waitFor({ timeout: 8_000 }).then(
        () => true,
        () => false,
      ))
    )
      return { done: false, faults };
    await button.click();
    await page.getByRole('dialog').waitFor();
    await page.getByLabel('Your name').fill('Ada Visitor');
    await page.getByLabel('Phone number').fill('07700 900123');
    await page.waitForTimeout(2_000); // as people take: a form sent at once gets a puzzle first
    await page.getByRole('dialog').getByRole('button', { name: 'Request a call' }).click();
    const done = await page
      .getByRole('heading', { name: /Thank you/ })
      .waitFor({ timeout: 8_000 })
      .then(
        () => true,
        () => false,
      );
    return { done, faults };
  } finally {
    await context.close();
  }
}

const configuration = (stack: Stack, key: string, headers: Record<string, string> = {}) =>
  fetch(`${stack.origin}/v1/widget/${key}`, { headers });

describe('through the CDN of the template', { timeout: 180_000 }, () => {
  let stack: Stack, browser: Browser, key: string;
  before(async () => {
    [stack, browser] = await Promise.all([Stack.start(), launch()]);
    key = await addSite(stack);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
  });

  it("a visitor's request is stored, preflight and all", async () => {
    const { done, faults } = await ask(browser, stack, key);
    assert.ok(done, `it was not:\n${faults.join('\n')}`);
    assert.deepEqual(faults, []);
  });

  it('a request without Origin spoils the configuration for no page', async () => {
    const other = await addSiteOf(stack);
    const first = await configuration(stack, other);
    assert.deepEqual(
      [first.status, first.headers.get('x-cache'), first.headers.get('access-control-allow-origin')],
      [200, 'Miss from cloudfront', null],
    );
    for (const want of ['Miss from cloudfront', 'Hit from cloudfront']) {
      const page = await configuration(stack, other, { origin: stack.demo });
      assert.deepEqual(
        [page.status, page.headers.get('x-cache'), page.headers.get('access-control-allow-origin')],
        [200, want, '*'],
      );
    }
    assert.equal(
      (await configuration(stack, other)).headers.get('x-cache'),
      'Hit from cloudfront',
      'each is kept for its own',
    );
  });

  it('www. and the bare name show the button, a foreign subdomain none, whoever asked before', async () => {
    const other = await addSiteOf(stack, 'https://www.field.example/contact?x=1');
    for (const round of ['Miss from cloudfront', 'Hit from cloudfront']) {
      for (const [origin, active] of [
        ['https://field.example', true],
        ['https://www.field.example', true],
        ['https://blog.field.example', false],
        ['https://field.example.thief.example', false],
      ] as const) {
        const answer = await configuration(stack, other, { origin });
        const configured = (await answer.json()) as { active: boolean };
        assert.deepEqual([answer.headers.get('x-cache'), configured.active], [round, active], origin);
      }
    }
  });

  it("what the API and the widget's scripts return is no page and goes in no frame", async () => {
    for (const path of ['/v1/policy', '/v1/me', '/v1/nothing-here', `/v1/widget/${key}`, '/widget.js']) {
      const { headers } = await fetch(stack.origin + path);
      assert.equal(headers.get('content-security-policy'), "default-src 'none'; frame-ancestors 'none'", path);
      assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    }
  });

  it('keeps nothing that is not there yet, and no fault', async () => {
    for (let n = 0; n < 2; n++) {
      const nowhere = await configuration(stack, 'k_0000000000000000');
      assert.deepEqual([nowhere.status, nowhere.headers.get('x-cache')], [404, 'Error from cloudfront']);
    }
  });

  /** Another site of the same account: its configuration has been asked for by nobody. */
  async function addSiteOf(stack: Stack, website = stack.demo): Promise<string> {
    const login = await fetch(`${stack.origin}/v1/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: person.email, password: person.password }),
    });
    const { token } = (await login.json()) as { token: string };
    const sites = await fetch(`${stack.origin}/v1/sites`, { headers: { authorization: `Bearer ${token}` } });
    const [{ id }] = ((await sites.json()) as { sites: [{ id: string }] }).sites;
    await fetch(`${stack.origin}/v1/sites/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } });
    const made = await fetch(`${stack.origin}/v1/sites`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ name: 'Other', origins: [website] }),
    });
    assert.equal(made.status, 201, await made.clone().text());
    return ((await made.json()) as { key: string }).key;
  }
});

// What the tests above would have said: the runner shows it, so they can fail.
describe('through the CDN as it was before', { timeout: 180_000 }, () => {
  let stack: Stack, browser: Browser, key: string, folder: string;
  before(async () => {
    const old = JSON.parse(await readFile(new URL('testdata/policies-of-before.json', import.meta.url), 'utf8')) as {
      ApiCaching: string[];
      ApiRequests: string[];
    };
    let text = await readFile(template, 'utf8');
    for (const name of ['ApiCaching', 'ApiRequests'] as const) {
      const policy = new RegExp(`(\\n  ${name}:\\n(?:    .*\\n|\\n)*?.*Headers: )\\[[^\\]]*\\]`);
      assert.match(text, policy);
      text = text.replace(policy, `$1[${old[name].join(', ')}]`);
    }
    text = text.replace(/^ +- \{ErrorCode: .*\n/gm, '').replace(/^ +CustomErrorResponses:\n/m, '');
    folder = await mkdtemp(join(tmpdir(), 'mi-connect-template-'));
    await writeFile(join(folder, 'template.yaml'), text);
    [stack, browser] = await Promise.all([Stack.start(join(folder, 'template.yaml')), launch()]);
    key = await addSite(stack);
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("no visitor's request arrives", async () => {
    const { done, faults } = await ask(browser, stack, key);
    assert.equal(done, false);
    assert.match(faults.join('\n'), /preflight/);
  });

  it('one request without Origin spoils the configuration for every page', async () => {
    const spoiled = 'k_0000000000000000';
    assert.equal((await configuration(stack, spoiled)).headers.get('x-cache'), 'Error from cloudfront');
    const page = await configuration(stack, spoiled, { origin: stack.demo });
    assert.deepEqual(
      [page.headers.get('x-cache'), page.headers.get('access-control-allow-origin')],
      ['Hit from cloudfront', null],
    );
  });
});
