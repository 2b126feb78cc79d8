// Draws the README's pictures from the account of `make demo`: `make screenshot`.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const images = join(root, 'docs/images');
const folder = await mkdtemp(join(tmpdir(), 'mi-connect-pictures-'));
const demo = spawn(join(root, '.build/demo'), ['-data', join(folder, 'data')], {
  cwd: root,
  env: { ...process.env, PORT: process.env.PORT ?? '3700' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise((resolve) => demo.once('exit', resolve));

/** The link that logs in, as it is printed. */
const link = await new Promise<string>((resolve, reject) => {
  let said = '';
  demo.stdout.on('data', (text) => {
    said += text;
    const found = /http:\S+\/login\/link\S+/.exec(said);
    if (found) resolve(found[0]);
  });
  ended.then(() => reject(new Error(said)));
});
const browser = await launch();
try {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Your sites' }).waitFor();
  await page.getByRole('button', { name: 'OK', exact: true }).click();
  await page.goto(new URL('/app/clients', link).href);
  await page.getByRole('listitem').filter({ hasText: 'Harbour Heating' }).getByRole('button', { name: 'Open' }).click();
  await page.getByRole('link', { name: 'Harbour Heating' }).first().click();
  for (const [tab, shows] of [
    ['Overview', 'From view to request'],
    ['Inbox', 'How did it go?'],
  ]) {
    await page.getByRole('navigation', { name: 'Site' }).getByRole('link', { name: tab, exact: true }).click();
    await page.getByText(shows!).first().waitFor();
    if (tab === 'Inbox') await page.getByRole('link', { name: 'All', exact: true }).click();
    await page.mouse.move(0, 0);
    await page.waitForTimeout(1000); // what was drawn last settles
    await page.screenshot({ path: join(images, `${tab!.toLowerCase()}.png`) });
  }
} finally {
  await browser.close();
  demo.kill('SIGINT');
  await ended;
  await rm(folder, { recursive: true, force: true });
}
