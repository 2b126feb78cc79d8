import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchWhole, profile } from '../browser.ts';
import { Observer } from '../observe.ts';
import { Stack } from '../stack.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const source = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

export const owner = { email: 'owner@crawl.example', password: 'a long enough password' };
export const visitor = {
  name: 'Ada Crawl',
  phone: '07700 900456',
  e164: '+447700900456',
  email: 'ada@crawl.example',
  message: 'About the boiler in the attic.',
};

// Read from the pages' own lists, so that a page added later is a page crawled.
const signedIn = source('dashboard/src/signed-in.tsx');
export const PUBLIC = [...source('dashboard/src/app.tsx').matchAll(/^ {2}'(\/[^']*)':/gm)].map((m) => m[1]!);
export const SIGNED = [...signedIn.matchAll(/match\('(\/app[^']*)'/g)]
  .map((m) => m[1]!)
  .filter((p) => !p.includes(':'));
export const TABS = [...signedIn.matchAll(/^ {2}'?(\w*)'?: \{\s+name: '/gm)].map((m) => m[1]!);
export const DEMO = ['/', '/services', '/pricing', '/about', '/contact'];

export const button = (page: Page) => page.getByRole('button', { name: 'Request a call' }).first();
export const toggle = (page: Page) => page.getByRole('switch', { name: 'Anonymous statistics' });

/** Waits until the visit is marked with these steps: "io" for seen and opened. */
export const counted = (page: Page, steps: string) =>
  page.waitForFunction(
    (l) => [...(sessionStorage.getItem('mc_session') ?? '').matchAll(/:(.)/g)].map((mark) => mark[1]).join('') === l,
    steps,
    { timeout: 10_000 },
  );

/** A run of the product with a customer's site, and what browsers keep and contact while its pages are gone through. */
export class Crawler {
  stack!: Stack;
  browser!: Browser;
  seen!: Observer;
  site!: { id: string; key: string };
  /** Of the link of a visitor's own request; "" until there is one. */
  manage = '';
  asked = 0;
  readonly axed = new Set<string>();

  async start(): Promise<void> {
    this.stack = await Stack.start();
    this.browser = await launchWhole();
    this.seen = new Observer((url) => this.whose(url));
    await this.post('/v1/register', { ...owner, name: 'Olga Owner', company: 'Crawl Plumbing' });
    const link = (await this.stack.mail(owner.email)).links.find((l) => l.includes('token='))!;
    const invited = new URL(link).searchParams.get('token')!;
    const { token } = await this.post('/v1/verify', { token: invited, password: owner.password });
    this.seen.secrets.add(token).add(invited);
    this.site = await this.post('/v1/sites', { name: 'Crawl Plumbing', origins: [this.stack.demo] }, token);
    const waiting = { email: 'waiting@crawl.example', name: 'Wanda', company: 'Waiting' };
    await this.post('/v1/register', { ...waiting, password: owner.password });
  }

  async stop(): Promise<void> {
    await this.browser?.close();
    await this.stack?.stop();
  }

  private whose(url: string): string {
    const { origin, demo } = this.stack;
    if (/^https:\/\/(checkout|billing)\.stripe\.com\//.test(url) || url.startsWith(`${origin}/_local/stripe/`))
      return 'payment';
    return url.startsWith(origin) ? 'own' : url.startsWith(demo) ? 'site' : 'elsewhere';
  }

  private async post(path: string, body: object, bearer = ''): Promise<any> {
    const answer = await fetch(this.stack.origin + path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${bearer}` },
    });
    assert.ok(answer.ok, `${path}: ${answer.status}`);
    return answer.json();
  }

  /** A fresh profile in a state. */
  async fresh(
    state: string,
    run: (page: Page, context: BrowserContext) => Promise<void>,
    options: Parameters<Browser['newContext']>[0] = {},
  ): Promise<void> {
    const { context, faults } = await profile(this.browser, options);
    await this.seen.watch(context, state);
    const page = await context.newPage();
    await run(page, context);
    // The browser itself notes a refusal by the API as an error; addresses that lead nowhere are crawled too.
    assert.deepEqual(
      faults.filter((f) => !/Failed to load resource: .* status of 4\d\d/.test(f)),
      [],
      state,
    );
    await context.close();
  }

  own(path: string): string {
    const manage = encodeURIComponent(this.manage || 'none');
    return (
      this.stack.origin + path.replace('/verify', '/verify?token=none').replace('/request', `/request?token=${manage}`)
    );
  }

  theirs(path = '/', more = ''): string {
    return `${this.stack.demo}${path}?site=${this.site.key}${more}`;
  }

  async open(page: Page, url: string): Promise<void> {
    await page.goto(url);
    await page.locator('h1').first().waitFor();
    await page.locator('.loading').first().waitFor({ state: 'detached' });
  }

  async logIn(page: Page): Promise<void> {
    await this.open(page, this.own('/login'));
    await page.getByLabel('Email').fill(owner.email);
    await page.getByLabel('Password', { exact: true }).fill(owner.password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.waitForURL(`${this.stack.origin}/app**`);
  }

  /** Goes through all public pages, and says that each holds exactly these keys. */
  async crawl(page: Page, state: string, want: string[], axe = false): Promise<void> {
    for (const path of [...PUBLIC, '/nowhere']) {
      await this.open(page, this.own(path));
      assert.deepEqual(await this.seen.look(page, state), want, `${state}: ${path}`);
      if (axe) await this.accessible(page);
    }
  }

  async accessible(page: Page): Promise<void> {
    await page.evaluate(AXE);
    const found = await page.evaluate(async () => {
      const { violations } = await (globalThis as any).axe.run({ resultTypes: ['violations'] });
      return violations.flatMap((v: any) => v.nodes.map((n: any) => `${v.id}: ${n.html.slice(0, 200)}`)) as string[];
    });
    assert.deepEqual(found, [], `axe: ${page.url()}`);
    const at = new URL(page.url());
    this.axed.add((at.origin === this.stack.demo ? 'demo' : '') + at.pathname.replace(this.site.id, '…'));
  }

  /** Requests a call, and returns the token of the visitor's own link. */
  async ask(page: Page): Promise<string> {
    const [answer] = await Promise.all([
      // A form that is filled in within two seconds looks automatic: its first answer is a puzzle.
      page.waitForResponse((r) => r.url().endsWith('/v1/callbacks') && r.status() === 201),
      (async () => {
        await page.getByLabel('Your name').fill(visitor.name);
        // The same number would be the same request.
        await page.getByLabel('Phone number').fill(visitor.phone.slice(0, -1) + (6 + (this.asked++ % 4)));
        await page.getByText('Add details').click();
        await page.getByLabel('Email (optional)').fill(visitor.email);
        await page.getByLabel('Message (optional)').fill(visitor.message);
        await page.getByRole('dialog').getByRole('button', { name: 'Request a call' }).click();
      })(),
    ]);
    await page.getByRole('heading', { name: /Thank you/ }).waitFor();
    const token = new URL((await answer.json()).manageUrl).searchParams.get('token')!;
    this.seen.secrets.add(token);
    return token;
  }

  beacons(state: string): number {
    return this.seen.contacts.filter((c) => c.state === state && c.path === '/v1/events').length;
  }
}

export function print(head: string[], rows: string[][]): void {
  const wide = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
  for (const row of [head, wide.map((n) => '-'.repeat(n)), ...rows])
    console.log(
      row
        .map((cell, i) => cell.padEnd(wide[i]!))
        .join('  ')
        .trimEnd(),
    );
}
