// Draws the icons and the picture that links are shown with, from public/favicon.svg:
// `CHROMIUM=... node dashboard/icons.mjs`.
// They are kept in the repository; run it again when the sign changes.
import { readFile } from 'node:fs/promises';
import { chromium } from 'playwright-core';

const folder = new URL('./public/', import.meta.url);
const svg = await readFile(new URL('favicon.svg', folder), 'utf8');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
const page = await browser.newPage();

async function draw(name, width, height, html, transparent = false) {
  await page.setViewportSize({ width, height });
  await page.setContent(
    `<style>*{margin:0}body{width:${width}px;height:${height}px;display:grid;place-items:center}</style>${html}`,
  );
  await page.screenshot({ path: new URL(name, folder).pathname, omitBackground: transparent });
}
const sign = (size) => svg.replace('<svg ', `<svg width="${size}" height="${size}" `);

for (const size of [48, 192, 512]) await draw(`icon-${size}.png`, size, size, sign(size), true);
const square = (size, inner) =>
  `<div style="width:${size}px;height:${size}px;background:#0f766e;
    display:grid;place-items:center">${sign(inner)}</div>`;
await draw('apple-touch-icon.png', 180, 180, square(180, 150));
await draw('icon-maskable-512.png', 512, 512, square(512, 360));
await draw(
  'social.png',
  1200,
  630,
  `<div style="width:1200px;height:630px;box-sizing:border-box;padding:96px;background:#10231f;color:#eef5f2;
      font:600 76px/1.1 sans-serif;letter-spacing:-2px;display:grid;align-content:space-between">
    <div style="display:flex;align-items:center;gap:24px;font-size:44px;letter-spacing:-1px">${sign(88)}Mi Connect</div>
    <div>The call you would<br>have missed.
      <p style="margin-top:28px;font:400 34px/1.4 sans-serif;letter-spacing:0;color:#b3c6c0">
        A callback button for your website. Nobody is tracked.
      </p>
    </div>
  </div>`,
);
await browser.close();
