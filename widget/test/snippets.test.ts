// The snippets of the Install page, each put into a page the way its platform does it. The platforms themselves are not
// here: what is modelled of each is said beside it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { snippets } from '../../dashboard/src/features/sites/snippets';
import { fill, openPanel, type PageOptions, send, stage, until, type World } from './world';

const world = stage();

interface Platform {
  /** The page as the platform serves it. */
  page?: (code: string) => PageOptions;
  /** What the platform's own scripts do in the page. */
  act?: (page: Page, code: string) => Promise<unknown>;
}

const printed = (code: string): PageOptions => ({ script: '', body: `<p>Taps and pipes.</p>${code}` });
const bare: PageOptions = { script: '' };

/** Scripts that were put in as text do not run: it is made again with the attributes named. */
function remake(kept: string[]): void {
  for (const old of document.querySelectorAll('#put script')) {
    const script = document.createElement('script');
    for (const name of kept.length ? kept : old.getAttributeNames())
      if (old.hasAttribute(name)) script.setAttribute(name, old.getAttribute(name)!);
    old.replaceWith(script);
  }
}

function put(html: string): void {
  const holder = document.createElement('div');
  holder.id = 'put';
  holder.innerHTML = html;
  document.body.append(holder);
}

const PLATFORMS: Record<string, Platform> = {
  html: { page: printed },
  'tag-manager': {
    // Custom HTML: put in as text after the page, its scripts made again without most attributes.
    page: () => bare,
    async act(page, code) {
      await page.evaluate(put, code);
      await page.evaluate(remake, ['src', 'async', 'type']);
    },
  },
  spa: {
    // Run by the application's script, twice as in React's strict mode; then the view is drawn again elsewhere.
    page: () => ({ script: '', body: '<div id="root"></div>' }),
    async act(page, code) {
      await page.addScriptTag({ content: `{${code}}`, type: 'module' });
      await page.addScriptTag({ content: `{${code}}`, type: 'module' });
      await page.evaluate(() => {
        history.pushState({}, '', '/next');
        document.querySelector('#root')!.replaceChildren(document.createElement('main'));
      });
    },
  },
  next: {
    // next/script with lazyOnload: when the browser is idle after the load, each property becomes an attribute.
    page: () => bare,
    async act(page, code) {
      const [, tag] = /<Script ([^>]+)\/>/.exec(code)!;
      const properties = [...tag!.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]);
      assert.ok(code.includes("from 'next/script'"));
      await page.evaluate(async (properties) => {
        await new Promise((idle) => requestIdleCallback(idle));
        const script = document.createElement('script');
        for (const [name, value] of properties) if (name !== 'strategy') script.setAttribute(name!, value!);
        script.setAttribute('data-nscript', 'lazyOnload');
        document.body.appendChild(script);
      }, properties);
    },
  },
  wordpress: {
    // What the PHP echoes in the footer, after a plugin that delays scripts until the first touch has rewritten it.
    page: (code) => {
      const line = /echo '(.+)';/.exec(code)![1]!;
      assert.ok(!line.includes("'") && !line.includes('\\'), 'nothing that PHP would read otherwise');
      return printed(`<div id="put">${line.replace('<script', '<script type="delayed"')}</div>`);
    },
    async act(page) {
      await page.mouse.move(50, 50);
      await page.evaluate(remake, ['src', 'async', 'data-site']);
    },
  },
  shopify: { page: printed },
  wix: {
    // Custom code at the end of the body: made into a fragment by the site's script.
    page: () => bare,
    act: (page, code) =>
      page.evaluate((html) => document.body.append(document.createRange().createContextualFragment(html)), code),
  },
  squarespace: {
    // Printed in the footer; templates that load pages without a reload swap the content and run the scripts again.
    page: (code) => ({ script: '', body: `<p>Taps.</p><div id="put">${code}</div>` }),
    async act(page) {
      await page.evaluate(() => document.querySelector('p')!.replaceWith(document.createElement('article')));
      await page.evaluate(remake, []);
    },
  },
  webflow: { page: printed },
};

const of = (w: World) =>
  snippets({ key: 'key1', snippet: `<script async src="${w.origin}/widget.js" data-site="key1"></script>` });

describe('the snippets of the Install page', { concurrency: 3 }, () => {
  for (const [id, { page: served, act }] of Object.entries(PLATFORMS))
    test(id, async (t) => {
      const w = await world(t);
      const { code } = of(w).find((one) => one.id === id)!;
      const page = await w.visit(served!(code));
      await act?.(page, code);
      await openPanel(page);
      await fill(page);
      await send(page);
      await page.getByText('Thank you, Anna Bell.').waitFor();
      await until('counted', () => w.steps() === 'impression open submit');
      assert.equal(await page.locator('mi-connect').count(), 1);
      assert.equal(JSON.parse(w.of('/v1/callbacks')[0]!.body).site, 'key1');
      assert.deepEqual(w.console, []);
    });

  test('all of them', async (t) => {
    const w = await world(t);
    assert.deepEqual(
      of(w).map(({ id }) => id),
      Object.keys(PLATFORMS),
    );
  });
});
