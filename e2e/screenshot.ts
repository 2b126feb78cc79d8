// Draws the README's picture from a run: `make screenshot`. The visits are made up, what counts them is not.

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.ts';
import { Stack } from './stack.ts';

const pages = ['/', '/', '/', '/boilers', '/boilers', '/pricing', '/contact'];
const sources = ['', '', 'google.com', 'google.com', 'bing.com', 'newsletter'];
const agents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile Safari',
  'Mozilla/5.0 (Windows NT 10.0) Chrome/140.0',
  'Mozilla/5.0 (iPad) Safari',
  'Mozilla/5.0 (compatible; Googlebot/2.1)',
];
const pick = <T>(list: T[]): T => list[Math.floor(Math.random() * list.length)]!;

const stack = await Stack.start();
const browser = await launch();
try {
  const token = await stack.signUp({
    email: 'jo@example.com',
    password: 'a long enough password',
    name: 'Jo Field',
    company: 'Field Plumbing',
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const created = await fetch(`${stack.origin}/v1/sites`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ name: 'Field Plumbing', origins: [stack.demo] }),
  });
  const site = (await created.json()) as { id: string; key: string };
  const { proof } = (await (await fetch(`${stack.origin}/v1/widget/${site.key}`)).json()) as { proof: string };
  for (let n = 0; n < 420; n++) {
    const chance = Math.random();
    const types = ['impression', ...(chance < 0.14 ? ['open'] : []), ...(chance < 0.04 ? ['submit'] : [])];
    await fetch(`${stack.origin}/v1/events`, {
      method: 'POST',
      headers: { origin: stack.demo, 'user-agent': n % 11 === 0 ? agents[3]! : pick(agents.slice(0, 3)) },
      body: JSON.stringify({
        site: site.key,
        session: randomBytes(16).toString('base64url'),
        page: pick(pages),
        source: pick(sources),
        proof,
        // Spread over the last hours: t and sent date an event on the server's clock.
        sent: Math.floor(Math.random() * 5 * 3_600_000),
        events: types.map((type) => ({ type, t: 0 })),
      }),
    });
  }
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1 });
  await context.addInitScript((t: string) => localStorage.setItem('mc_token', t), token);
  const page = await context.newPage();
  await page.goto(`${stack.origin}/app/sites/${site.id}`);
  await page.getByText('Today', { exact: true }).first().click();
  await page.waitForTimeout(8000);
  await page
    .getByRole('button', { name: 'Close' })
    .first()
    .click({ timeout: 1000 })
    .catch(() => {});
  await mkdir(new URL('../docs/images', import.meta.url), { recursive: true });
  await page.screenshot({ path: fileURLToPath(new URL('../docs/images/overview.png', import.meta.url)) });
} finally {
  await browser.close();
  await stack.stop();
}
