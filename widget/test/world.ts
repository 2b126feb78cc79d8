// Pages of a customer's website and Mi Connect's own, in Chromium.

import { after, before, type TestContext } from 'node:test';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type LaunchOptions,
  type Page,
} from 'playwright-core';
import { builtWidget, type PageOptions, Pages } from './pages';

export { LABELS, manageUrl, until } from './pages';

/** The browser with a window, for what the shell cannot do. */
export const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';

export async function launch({ args = [], ...more }: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM_SHELL || CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...args,
    ],
    ...more,
  });
}

/** A browser and a built widget for the tests of a file; gives each test a world of its own. */
export function stage(): (t: TestContext, own?: Browser) => Promise<World> {
  let browser: Browser;
  let widget: Awaited<ReturnType<typeof builtWidget>>;
  before(async () => {
    [browser, widget] = await Promise.all([launch(), builtWidget()]);
  });
  after(async () => {
    await browser.close();
    await widget.remove();
  });
  return async (t, own = browser) => {
    const world = await new World(widget.dir, own).start();
    t.after(() => world.stop());
    return world;
  };
}

export class World extends Pages {
  #contexts: BrowserContext[] = [];
  /** Lines of the console and uncaught errors of every page. */
  console: string[] = [];

  constructor(
    dist: string,
    readonly browser: Browser,
  ) {
    super(dist);
  }

  override async stop(): Promise<void> {
    for (const context of this.#contexts) await context.close();
    await super.stop();
  }

  async context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await this.browser.newContext(options);
    this.#contexts.push(context);
    context.setDefaultTimeout(20_000);
    context.on('console', (message) => this.console.push(`${message.type()}: ${message.text()}`));
    context.on('weberror', (error) => this.console.push(`uncaught: ${error.error().message}`));
    return context;
  }

  async visit(options: PageOptions = {}, path = '/shop', within?: BrowserContext): Promise<Page> {
    const page = await (within ?? (await this.context())).newPage();
    await page.goto(this.put(path, options));
    return page;
  }
}

export const button = (page: Page) => page.locator('mi-connect section button');
export const dialog = (page: Page) => page.locator('mi-connect dialog');

export async function openPanel(page: Page): Promise<void> {
  await button(page).click();
  await dialog(page).waitFor();
}

export async function fill(page: Page, name = 'Anna Bell', phone = '020 7946 0123'): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('Phone number').fill(phone);
}

export const send = (page: Page) => page.locator('mi-connect form > button').click();

/** Everything the page's origin keeps: a key per line with its area. */
export const stored = (page: Page) =>
  page.evaluate(() => [
    ...Object.keys(sessionStorage).map((key) => 'session ' + key),
    ...Object.keys(localStorage).map((key) => 'local ' + key),
    ...(document.cookie ? ['cookie'] : []),
  ]);

export const session = (page: Page) => page.evaluate(() => sessionStorage.getItem('mc_session'));

/** What is said beside a field; begins with "not marked: " when the field is not marked invalid. */
export const errorOf = (page: Page, label: string) =>
  page.getByLabel(label).evaluate((input) => {
    const hint = (input.getRootNode() as ShadowRoot).getElementById(input.getAttribute('aria-describedby')!);
    return (input.getAttribute('aria-invalid') === 'true' ? '' : 'not marked: ') + hint!.textContent;
  });

/** Names what has the focus within the widget. */
export const focused = (page: Page) =>
  page.evaluate(() => {
    const at = document.querySelector('mi-connect')!.shadowRoot!.activeElement;
    return at && (at.id || at.ariaLabel || at.textContent);
  });

/** Leaves the page as a visitor does, so that whatever waits is flushed, and gives it time to arrive. */
export async function leave(page: Page): Promise<void> {
  await page.goto('about:blank');
  await new Promise((arrived) => setTimeout(arrived, 250));
}

/** A page whose waits are a fiftieth as long. */
export const hurry = () => {
  const patient = window.setTimeout;
  window.setTimeout = ((act: TimerHandler, ms = 0, ...rest: unknown[]) =>
    patient(act, ms / 50, ...rest)) as typeof setTimeout;
};
