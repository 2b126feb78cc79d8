import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_SHELL ?? process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });

export interface Watched {
  page: Page;
  context: BrowserContext;
  /** Console errors, uncaught errors, violations of the policy and requests to other hosts. */
  bad: string[];
}

export async function open(
  browser: Browser,
  origin: string,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<Watched> {
  const context = await browser.newContext({
    baseURL: origin,
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(8000);
  const bad: string[] = [];
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  const page = await context.newPage();
  page.on('console', (message) => {
    // The browser itself notes every refusal of the API as an error; those are expected here.
    const refusal =
      message.text().startsWith('Failed to load resource') && message.location().url.startsWith(`${origin}/v1/`);
    if (['error', 'warning'].includes(message.type()) && !refusal) bad.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => bad.push(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`) && !request.url().startsWith('data:'))
      bad.push(`foreign request: ${request.url()}`);
  });
  return { page, context, bad };
}

/** Has axe ready in every document of a context. The debugger puts it there, so the policy stays as it is. */
export const withAxe = (context: BrowserContext): Promise<unknown> => context.addInitScript({ content: AXE });

/** What axe finds, one line each. */
export async function axe(page: Page, rules?: string[]): Promise<string[]> {
  return page.evaluate(async (only) => {
    const found = await (
      globalThis as unknown as {
        axe: {
          run: (
            o: object,
          ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
        };
      }
    ).axe.run({
      resultTypes: ['violations'],
      ...(only && { runOnly: only }),
    });
    return found.violations.flatMap((one) =>
      one.nodes.map(
        (node) => `${one.id}: ${node.html.slice(0, 160)} ${node.failureSummary.replace(/\s+/g, ' ').slice(0, 300)}`,
      ),
    );
  }, rules);
}

export const storage = (page: Page): Promise<Record<string, string>> =>
  page.evaluate(() => ({
    ...Object.fromEntries(Object.entries(localStorage)),
    ...Object.fromEntries(Object.entries(sessionStorage).map(([k, v]) => [`session:${k}`, v])),
  }));
