// Notifications in a browser: turned on by a click, sent by function deliver through a push service of this test, read
// as that browser would, shown by the worker in Chromium, and clicked. Chromium's own subscription would ask a service
// on the Internet: that one call is replaced, by keys made here.
import assert from 'node:assert/strict';
import { createECDH, createPublicKey, type ECDH, randomBytes, verify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
// @ts-expect-error: it has no types
import ece from 'http_ece';
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core';
import { launchWhole, profile } from './browser.ts';
import { subscribesTo } from './push-stub.ts';
import { Stack } from './stack.ts';

const person = {
  name: 'Jo Field',
  company: 'Field Plumbing',
  email: 'jo@push.example',
  password: 'a long enough password',
};

interface Push {
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A push service that keeps what it takes; a browser is gone from it when it says so. */
class Service {
  pushes: Push[] = [];
  gone = new Set<string>();
  private server!: Server;
  origin = '';

  async start(): Promise<void> {
    this.server = createServer(async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      this.pushes.push({ path: request.url!, headers: request.headers, body: Buffer.concat(parts) });
      response.writeHead(this.gone.has(request.url!) ? 410 : 201).end();
    });
    await new Promise<void>((done) => this.server.listen(0, '127.0.0.1', done));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  stop(): void {
    this.server?.close();
  }
}

const until = async <T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (let n = 0; n < 150; n++) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`never: ${what}`);
};

describe('notifications', { timeout: 120_000 }, () => {
  const service = new Service();
  let stack: Stack, browser: Browser, context: BrowserContext, page: Page, faults: string[], devtools: CDPSession;
  let site = { id: '', key: '' };
  let registrationID = '';
  let keys: ECDH;
  const secret = randomBytes(16);
  const failures: string[] = [];

  before(async () => {
    await service.start();
    process.env.PUSH_SERVICES = service.origin;
    stack = await Stack.start();
    delete process.env.PUSH_SERVICES;
    const token = await stack.signUp(person);
    const made = await fetch(`${stack.origin}/v1/sites`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ name: 'Field Plumbing', origins: [stack.demo] }),
    });
    site = (await made.json()) as typeof site;
    browser = await launchWhole();
    ({ context, faults } = await profile(browser));
    await context.grantPermissions(['notifications'], { origin: stack.origin });
    keys = createECDH('prime256v1');
    keys.generateKeys();
    await context.addInitScript(
      subscribesTo(`${service.origin}/push/one`, keys.getPublicKey('base64url'), secret.toString('base64url')),
    );
    page = await context.newPage();
    devtools = await context.newCDPSession(page);
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      registrationID = registrations.find((one) => !one.isDeleted)?.registrationId ?? registrationID;
    });
    devtools.on('ServiceWorker.workerErrorReported', ({ errorMessage }) => failures.push(errorMessage.errorMessage));
    await devtools.send('ServiceWorker.enable');
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
    service.stop();
  });

  let asked = 0;
  const ask = async (name: string) => {
    const phone = `07700 90012${asked++}`; // one who asks twice is one request
    const answer = await fetch(`${stack.origin}/v1/callbacks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        origin: stack.demo,
        'idempotency-key': randomBytes(12).toString('hex'),
      },
      body: JSON.stringify({ site: site.key, name, phone, page: `${stack.demo}/` }),
    });
    assert.equal(answer.status, 201, await answer.clone().text());
    return ((await answer.json()) as { id: string }).id;
  };

  it('are turned on by a click, with the worker under the policy of the pages', async () => {
    await page.goto(`${stack.origin}/login`);
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password', { exact: true }).fill(person.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${stack.origin}/app**`);
    await page.goto(`${stack.origin}/app/notifications`);
    const own = page.getByRole('button', { name: 'Turn on in this browser' });
    await own.waitFor();
    assert.equal(await workers(page), 0, 'nothing before the click');
    await own.click();
    await page.getByText('This browser', { exact: true }).waitFor();
    assert.equal(await workers(page), 1);
    const script = await fetch(`${stack.origin}/sw.js`);
    assert.match(script.headers.get('content-type')!, /^text\/javascript/);
    assert.equal(script.headers.get('cache-control'), 'no-cache');
    assert.ok(!(await script.text()).includes("'fetch'"), 'it takes no request of a page');
    // The policy lets no other address become a script.
    const refused = await page.evaluate(() =>
      navigator.serviceWorker.register('/sw.js?other').then(
        () => 'registered',
        (e: Error) => e.name,
      ),
    );
    assert.equal(refused, 'TypeError');
    faults.splice(0, faults.length, ...faults.filter((f) => !f.includes('TrustedScriptURL')));
  });

  it('are told of a request, in words that only this browser reads', async () => {
    const id = await ask('Ada Visitor');
    const push = await until('a push', () => service.pushes[0]);
    const text = ece.decrypt(push.body, { version: 'aes128gcm', privateKey: keys, authSecret: secret }).toString();
    assert.deepEqual(JSON.parse(text), {
      title: 'New request on Field Plumbing',
      body: 'Open it to call back.',
      path: `/app/sites/${site.id}/inbox?request=${id}`,
      tag: id,
    });
    assert.equal(push.headers.ttl, '3600');
    assert.equal(push.headers.urgency, 'high');
    signed(String(push.headers.authorization), service.origin);
    await stack.mail(person.email, 'Ada Visitor');

    await until('the worker', () => registrationID || undefined);
    await devtools.send('ServiceWorker.deliverPushMessage', {
      origin: stack.origin,
      registrationId: registrationID,
      data: text,
    });
    const shown = await until('a notification', async () => (await notifications(page))[0]);
    assert.deepEqual(shown, { title: 'New request on Field Plumbing', body: 'Open it to call back.', tag: id });
    // Repeated, it replaces itself.
    await devtools.send('ServiceWorker.deliverPushMessage', {
      origin: stack.origin,
      registrationId: registrationID,
      data: text,
    });
    await new Promise((done) => setTimeout(done, 500));
    assert.equal((await notifications(page)).length, 1);

    // A click, as the browser would tell the worker of it; whether it may open a window only a real click decides, so
    // what it asks for is looked at.
    const worker = context.serviceWorkers()[0]!;
    const opened = await worker.evaluate(async () => {
      const scope = globalThis as any;
      let address = '';
      scope.clients.openWindow = async (url: string) => void (address = url);
      const [notification] = await scope.registration.getNotifications();
      const click = new scope.NotificationEvent('notificationclick', { notification });
      click.waitUntil = () => undefined; // only the browser's own events have it
      scope.dispatchEvent(click);
      for (let n = 0; n < 50 && !address; n++) await new Promise((done) => setTimeout(done, 20));
      return address;
    });
    assert.equal(opened, `${stack.origin}/app/sites/${site.id}/inbox?request=${id}`);
    assert.equal((await notifications(page)).length, 0, 'it is closed');
    await page.goto(opened);
    await page.getByText('Ada Visitor').first().waitFor();
    await page.goto(`${stack.origin}/app/notifications`);
  });

  it('end where the push service says that the browser is gone', async () => {
    service.gone.add('/push/one');
    const before = service.pushes.length;
    await ask('Bob Visitor');
    await until('a push', () => service.pushes[before]);
    await until('the end', async () => ((await devices(page)) === 0 ? true : undefined));
    service.gone.clear();
    // The page's next start takes the worker out as well: the server knows this browser no more.
    await page.reload();
    await until('no worker', async () => ((await workers(page)) === 0 ? true : undefined));
  });

  it('end with the login', async () => {
    await page.getByRole('button', { name: 'Turn on in this browser' }).click();
    await page.getByText('This browser', { exact: true }).waitFor();
    const token = await page.evaluate(() => localStorage.getItem('mc_token'));
    assert.equal(await devices(page), 1);
    await page.goto(`${stack.origin}/cookies`);
    await page.getByRole('button', { name: 'Clear everything and log out' }).click();
    await page.getByRole('status').getByText('Mi Connect no longer stores anything').waitFor();
    assert.equal(await workers(page), 0);
    assert.equal(
      (await fetch(`${stack.origin}/v1/push`, { headers: { authorization: `Bearer ${token}` } })).status,
      401,
    );
    const login = await fetch(`${stack.origin}/v1/login`, {
      method: 'POST',
      body: JSON.stringify({ email: person.email, password: person.password }),
    });
    const { token: next } = (await login.json()) as { token: string };
    const left = await fetch(`${stack.origin}/v1/push`, { headers: { authorization: `Bearer ${next}` } });
    assert.deepEqual(((await left.json()) as { devices: unknown[] }).devices, []);
  });

  it('leave no fault in a page or the worker', () => {
    assert.deepEqual([...failures, ...faults], []);
  });
});

const workers = (page: Page) => page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);

const notifications = (page: Page) =>
  page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    const all = (await registration?.getNotifications()) ?? [];
    return all.map(({ title, body, tag }) => ({ title, body, tag }));
  });

const devices = (page: Page) =>
  page.evaluate(async () => {
    const headers = { authorization: `Bearer ${localStorage.getItem('mc_token')}` };
    return ((await (await fetch('/v1/push', { headers })).json()) as { devices: unknown[] }).devices.length;
  });

/** Checks the JWT of RFC 8292 with Node's own cryptography. */
function signed(authorization: string, audience: string): void {
  const [, jwt, k] = /^vapid t=([^,]+), k=(.+)$/.exec(authorization)!;
  const point = Buffer.from(k!, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  const key = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  const [head, claims, signature] = jwt!.split('.') as [string, string, string];
  const text = Buffer.from(`${head}.${claims}`);
  assert.ok(verify('sha256', text, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')));
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string>;
  assert.equal(aud, audience);
  assert.ok(Number(exp) > Date.now() / 1000 && Number(exp) < Date.now() / 1000 + 86_400);
  assert.match(sub!, /^mailto:/);
}
