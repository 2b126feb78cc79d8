import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const whole = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** A browser without windows, where there is one: it costs half. */
export const launch = (): Promise<Browser> => start(process.env.CHROMIUM_SHELL ?? whole);

/** A whole one, which has what the other leaves out: push messages, and notifications. */
export const launchWhole = (): Promise<Browser> => start(whole);

const start = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** A fresh profile that gathers what went wrong on its pages. */
export async function profile(
  browser: Browser,
  options: Parameters<Browser['newContext']>[0] = {},
): Promise<{ context: BrowserContext; faults: string[] }> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(15_000);
  const faults: string[] = [];
  context.on('page', (page: Page) => {
    page.on('pageerror', (e) => faults.push(`${page.url()}: ${e.message}`));
    page.on('console', (m) => {
      if (m.type() === 'error' || m.type() === 'warning') faults.push(`${page.url()}: ${m.text()}`);
    });
  });
  return { context, faults };
}
