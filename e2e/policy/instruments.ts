import assert from 'node:assert/strict';
import { it } from 'node:test';
import { profile } from '../browser.ts';
import { Observer } from '../observe.ts';
import { leaks } from '../quiet.ts';
import { type Crawler, PUBLIC, SIGNED, TABS } from './crawler.ts';

/** That the instruments find what they look for. */
export function instruments(crawler: Crawler): void {
  it('finds the pages to crawl', () => {
    assert.ok(PUBLIC.includes('/cookies') && PUBLIC.length >= 7, String(PUBLIC));
    assert.ok(SIGNED.includes('/app') && TABS.includes('privacy') && TABS.length >= 6, `${SIGNED} ${TABS}`);
  });

  it('sees what is not listed, also when it is gone at once', async () => {
    const other = new Observer((url) => (url.startsWith(crawler.stack.demo) ? 'site' : 'elsewhere'));
    const { context } = await profile(crawler.browser);
    await other.watch(context, 'check');
    const page = await context.newPage();
    await page.goto(`${crawler.stack.demo}/`); // without the widget
    await page.evaluate(async (elsewhere) => {
      localStorage.setItem('fleeting', '1');
      localStorage.removeItem('fleeting');
      sessionStorage.assigned = '1';
      document.cookie = 'crumb=1';
      await new Promise((done) => (indexedDB.open('base').onsuccess = done));
      await caches.open('cache');
      await fetch(elsewhere, { mode: 'no-cors' }).catch(() => undefined);
    }, `http://127.0.0.1:${crawler.stack.port}/robots.txt`);
    const held = await other.look(page, 'check');
    assert.deepEqual(held, ['cache cache', 'cookie crumb', 'indexedDB base', 'sessionStorage assigned']);
    assert.ok(other.storage.some((s) => s.name === 'fleeting' && s.kind === 'localStorage' && s.pages === 'site'));
    assert.ok(other.contacts.some((c) => c.host === `127.0.0.1:${crawler.stack.port}` && c.pages === 'site'));
    await context.close();
    // And the search of logs finds what is planted.
    const token = `u_0123456789abcdef.${'a'.repeat(43)}.abc`;
    for (const planted of [
      'ada@shop.example',
      '07700 900123',
      '+447700900123',
      '+33123456789',
      token,
      `c_0123456789abcdef~x.${'b'.repeat(43)}`,
    ]) {
      assert.equal(leaks([`{"route":"x","error":"${planted}"}`]).length > 0, true, planted);
    }
    assert.deepEqual(
      leaks([
        '{"requestId":"6a5f2f30-1f38-4c0e-9a53-b1a1f1f0a001","us":1234567,' +
          '"timestamp":"2026-11-23T15:21:24.123456789Z"} privacy@mi-telecom.co.uk',
        '{"trace":"1-6b092798-07698555954dab8a65075b9e","invocation":"fafbe08a-b927-40d5-83d8-07698555954a"}',
      ]),
      [],
    );
    assert.equal(leaks(['visit abcdefghijklmnopqrstuv'], ['abcdefghijklmnopqrstuv']).length, 1);
  });
}
