// Asking for a call, and that everyone can, in a real browser.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { button, dialog, errorOf, fill, focused, manageUrl, openPanel, send, stage, until, type World } from './world';

const world = stage();

const status = (page: Page) => page.locator('mi-connect [role=status]').textContent();
const bodies = (made: World) => made.of('/v1/callbacks').map(({ body }) => JSON.parse(body));
const keys = (made: World) => made.of('/v1/callbacks').map(({ headers }) => headers['idempotency-key']);

describe('asking for a call', { concurrency: 4 }, () => {
  test('a request carries what was typed and the page, and neither session nor query', async (t) => {
    const w = await world(t);
    const context = await w.context({ permissions: ['clipboard-read', 'clipboard-write'] });
    w.put('/shop');
    const page = await context.newPage();
    await page.goto(w.customer + '/shop?email=anna@home.example#top');
    await openPanel(page);
    assert.match((await dialog(page).textContent())!, /Request a call from Acme Plumbing/);
    await fill(page, '  Anna Bell ');
    await send(page);
    await page.getByText('Thank you, Anna Bell.').waitFor();
    const [{ elapsed, ...body }] = bodies(w);
    assert.deepEqual(body, { site: 'key1', page: w.customer + '/shop', name: 'Anna Bell', phone: '020 7946 0123' });
    assert.ok(Number.isInteger(elapsed) && elapsed > 0 && elapsed < 60_000);
    const { headers } = w.of('/v1/callbacks')[0]!;
    assert.match(headers['idempotency-key'] as string, /^[\w-]{22}$/);
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers.referer, undefined);
    assert.equal(headers.cookie, undefined);
    assert.ok(
      !JSON.stringify(w.of('/v1/callbacks')).includes(
        (await page.evaluate(() => sessionStorage.mc_session.slice(0, 22))) as string,
      ),
    );

    const link = page.getByRole('link', { name: 'See, move or cancel your request' });
    assert.equal(await link.getAttribute('href'), manageUrl);
    assert.equal(await link.getAttribute('target'), '_blank');
    assert.match((await link.getAttribute('rel'))!, /noopener/);
    await page.getByRole('button', { name: 'Copy this private link' }).click();
    await until('copied', async () => (await status(page)) === 'Copied.');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), manageUrl);

    await page.keyboard.press('Escape');
    await openPanel(page);
    assert.ok(await page.getByText('Thank you').isVisible());
    await page.getByRole('button', { name: 'New request' }).click();
    assert.equal(await page.getByLabel('Your name').inputValue(), '');
    await fill(page, 'Anna Bell');
    await send(page);
    await page.getByText('Thank you').waitFor();
    assert.notEqual(keys(w)[0], keys(w)[1], 'a second request is not a retry');
  });

  test('without a clipboard the private link is shown', async (t) => {
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
    const page = await w.visit({}, '/shop', context);
    await openPanel(page);
    await fill(page);
    await send(page);
    await page.getByRole('button', { name: 'Copy this private link' }).click();
    await until('the link', async () => (await status(page)) === manageUrl);
  });

  test('a chosen time is sent as RFC 3339 in the visitor’s own time; details go along', async (t) => {
    const w = await world(t);
    const page = await w.visit({}, '/shop', await w.context({ timezoneId: 'America/New_York' }));
    await openPanel(page);
    await fill(page);
    assert.equal(await page.getByLabel('Day and time').isVisible(), false);
    assert.equal(await page.getByLabel('Email').isVisible(), false);
    await page.getByLabel('Choose a time').check();
    await page.getByLabel('Day and time').fill('2040-07-02T09:30');
    await page.getByText('Add details').click();
    await page.getByLabel('Email').fill('anna@home.example');
    await page.getByLabel('Message').fill('The boiler\nis cold');
    await send(page);
    await page.getByText(/020 7946 0123: Monday,? 2 July 2040 at 09:30/).waitFor();
    const [sent] = bodies(w);
    assert.equal(sent.at, '2040-07-02T13:30:00.000Z');
    assert.equal(sent.email, 'anna@home.example');
    assert.match(sent.message, /^The boiler\r?\nis cold$/);
    assert.equal(sent.when, undefined);
  });

  test('what is missing is said beside its field, the first is focused, and typing takes it back', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await openPanel(page);
    await page.getByLabel('Choose a time').check();
    await send(page);
    assert.equal(await errorOf(page, 'Your name'), 'Please tell us your name.');
    assert.equal(await errorOf(page, 'Phone number'), 'Please enter a phone number we can call.');
    assert.equal(await errorOf(page, 'Day and time'), 'Please choose a time that is still to come.');
    assert.equal(await focused(page), 'name');
    assert.equal(await status(page), 'Please check the fields marked above.');
    await page.getByLabel('Your name').fill('Anna');
    assert.equal(await errorOf(page, 'Your name'), 'not marked: ');
    await page.getByLabel('Now').check();
    await send(page);
    assert.equal(await focused(page), 'phone');
    assert.deepEqual(w.of('/v1/callbacks'), []);
  });

  test('the server’s errors are said beside their fields, in the closed details too', async (t) => {
    const w = await world(t);
    w.answers.callbacks = () => ({
      status: 400,
      body: {
        detail: 'Please check.',
        errors: [
          { field: 'phone', message: 'We do not call this number.' },
          { field: 'email', message: 'No such domain.' },
        ],
      },
    });
    const page = await w.visit();
    await openPanel(page);
    await fill(page);
    await send(page);
    await until('an error', async () => (await errorOf(page, 'Phone number')) === 'We do not call this number.');
    assert.equal(await errorOf(page, 'Email'), 'No such domain.');
    assert.ok(await page.getByLabel('Email').isVisible());
    assert.equal(await focused(page), 'phone');
    assert.equal(await page.getByLabel('Phone number').inputValue(), '020 7946 0123');
  });

  test('a failure keeps what was typed; what is sent again keeps its key', async (t) => {
    const w = await world(t);
    const context = await w.context();
    const page = await w.visit({}, '/shop', context);
    await openPanel(page);
    await fill(page);
    const failures: [World['answers'][string], RegExp][] = [
      [() => 'cut', /^That didn’t work\. Your details are still here/],
      [() => ({ status: 503, body: { message: 'Service Unavailable' } }), /^That didn’t work\./],
      [() => ({ status: 200, body: {} }), /^That didn’t work\./],
      [
        () => ({ status: 429, body: { detail: 'Too many requests from here. Try again in a minute.' } }),
        /^Too many requests from here\. Try again in a minute\. Your details are still here/,
      ],
      [
        () => ({ status: 500, body: { detail: 'Something went wrong on our side.' } }),
        /^Something went wrong on our side\. Your details are still here/,
      ],
    ];
    for (const [answer, text] of failures) {
      w.answers.callbacks = answer;
      const before = w.of('/v1/callbacks').length;
      await send(page);
      await until('an answer', async () => w.of('/v1/callbacks').length > before && text.test((await status(page))!));
      assert.equal(await page.getByLabel('Your name').inputValue(), 'Anna Bell');
    }
    await context.setOffline(true);
    await send(page);
    await until('offline', async () => /^You seem to be offline/.test((await status(page))!));
    await context.setOffline(false);
    assert.equal(new Set(keys(w)).size, 1);

    w.answers.callbacks = () => ({ status: 400, body: {} });
    await send(page);
    await until('refused', async () => /^That didn’t work/.test((await status(page))!));
    assert.equal(new Set(keys(w)).size, 1);

    await page.getByLabel('Your name').fill('Anna B');
    w.answers.callbacks = () => ({ status: 201, body: { manageUrl: 'javascript:alert(1)' } });
    await until('ready', async () => (await page.locator('mi-connect form > button').textContent()) === 'Try again');
    await send(page);
    await page.getByText('Thank you').waitFor();
    assert.equal(new Set(keys(w)).size, 2, 'another request has another key');
    assert.equal(await page.locator('mi-connect .done a').count(), 0, 'only a web address becomes a link');
  });

  test('pressing twice sends once', async (t) => {
    const w = await world(t);
    w.answers.callbacks = () => ({ status: 201, body: { manageUrl }, afterMs: 300 });
    const page = await w.visit();
    await openPanel(page);
    await fill(page);
    const said = await page.locator('mi-connect form > button').evaluate((submit: HTMLButtonElement) => {
      submit.click();
      submit.click();
      return submit.textContent;
    });
    assert.equal(said, 'Sending …');
    await page.getByText('Thank you').waitFor();
    assert.equal(w.of('/v1/callbacks').length, 1);
  });

  test('an answer lost and a number corrected is one call: the first request is taken back', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await openPanel(page);
    await fill(page, 'Anna Bell', '020 7946 0132');
    w.answers.callbacks = () => ({ status: 504 });
    await send(page);
    await until('a failure', async () => /^That didn’t work/.test((await status(page))!));
    await page.getByLabel('Phone number').fill('020 7946 0123');
    w.answers.callbacks = ({ method }) =>
      method === 'PATCH' ? { status: 200, body: {} } : { status: 201, body: { manageUrl } };
    await send(page);
    await page.getByText('Thank you').waitFor();
    const made = w
      .of('/v1/callbacks')
      .map(({ method, path, body, headers }) => [method, path, JSON.parse(body), headers['idempotency-key']] as const);
    const lost = keys(w)[0];
    assert.deepEqual(
      made.map(([method, path, body, key]) => [method, path, body.phone ?? body.status, key === lost]),
      [
        ['POST', '/v1/callbacks', '020 7946 0132', true],
        ['POST', '/v1/callbacks', '020 7946 0132', true],
        ['PATCH', '/v1/callbacks/abc', 'cancelled', false],
        ['POST', '/v1/callbacks', '020 7946 0123', false],
      ],
    );
  });

  test('a puzzle is solved and sent with the same request under the same key', async (t) => {
    const w = await world(t);
    const hash = createHash('sha256').update('h4Jd0Qx220000').digest('hex');
    w.answers.callbacks = ({ body }) =>
      JSON.parse(body).puzzle
        ? { status: 201, body: { manageUrl } }
        : {
            status: 403,
            body: {
              type: 'urn:mi-connect:problem:puzzle-needed',
              puzzle: { token: 't', salt: 'h4Jd0Qx2', hash, max: 100_000 },
            },
          };
    const page = await w.visit();
    await openPanel(page);
    await fill(page);
    await send(page);
    await page.getByText('Thank you').waitFor();
    assert.deepEqual(
      bodies(w).map(({ puzzle }) => puzzle),
      [undefined, { token: 't', number: 20_000 }],
    );
    assert.equal(new Set(keys(w)).size, 1);
  });

  test('a field that people do not meet is sent when a program fills it in', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await openPanel(page);
    await fill(page);
    assert.equal(await page.getByRole('textbox', { name: 'website' }).count(), 0);
    await dialog(page).evaluate((panel) => {
      panel.querySelector<HTMLInputElement>('[name=website]')!.value = 'https://spam.example';
    });
    await send(page);
    await page.getByText('Thank you').waitFor();
    assert.equal(bodies(w)[0].website, 'https://spam.example');
  });

  test('what is sent and to whom stands in the form, with the policy in a new tab', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await openPanel(page);
    assert.ok(await page.getByText('go to Acme Plumbing through Mi Connect').isVisible());
    const link = page.getByRole('link', { name: 'Privacy' });
    assert.equal(await link.getAttribute('href'), 'https://acme.example/privacy');
    assert.equal(await link.getAttribute('target'), '_blank');
    assert.match((await link.getAttribute('rel'))!, /noopener/);
  });
});

describe('for everyone', { concurrency: 4 }, () => {
  test('by keyboard alone', async (t) => {
    const w = await world(t);
    const page = await w.visit({
      head: `<script>
        document.addEventListener("keydown", (e) => (window.heard = (window.heard || "") + e.key))
      </script>`,
    });
    await button(page).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await dialog(page).waitFor();
    const before = await page.evaluate(() => (window as any).heard);
    assert.equal(await focused(page), 'name');
    await page.keyboard.type('Anna');
    await page.keyboard.press('Tab');
    await page.keyboard.type('02079460123');
    assert.equal(
      await page.evaluate(() => (window as any).heard),
      before,
      'shortcuts of the page do not hear the typing',
    );

    await page.keyboard.press('Escape');
    await dialog(page).waitFor({ state: 'hidden' });
    assert.equal(await focused(page), 'Request a call', 'focus returns to the button');
    await page.keyboard.press('Space');
    await dialog(page).waitFor();
    assert.equal(await page.getByLabel('Your name').inputValue(), 'Anna', 'closing loses nothing');

    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    assert.ok(await page.getByLabel('Day and time').isVisible());
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'Request a call');
    await page.keyboard.press('Enter');
    await page.getByText('Thank you').waitFor();
    assert.equal(await focused(page), 'Thank you, Anna.');
    const seen = [];
    for (let i = 0; i < 5; i++) {
      await page.keyboard.press('Tab');
      seen.push(await focused(page));
    }
    assert.deepEqual(seen, [
      'See, move or cancel your request',
      'Copy this private link',
      'New request',
      'count',
      'Close',
    ]);
    await page.keyboard.press('Enter');
    await dialog(page).waitFor({ state: 'hidden' });
    assert.equal(await focused(page), 'Request a call');
  });

  test('a click outside closes, one inside does not', async (t) => {
    const w = await world(t);
    const page = await w.visit();
    await openPanel(page);
    const box = (await dialog(page).boundingBox())!;
    await page.mouse.click(box.x + 10, box.y + 10);
    assert.ok(await dialog(page).isVisible());
    await page.mouse.click(20, 300);
    await dialog(page).waitFor({ state: 'hidden' });
  });

  test('axe finds nothing to complain about in any state', async (t) => {
    const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const check = async (page: Page, state: string) => {
      await page.waitForTimeout(300);
      const found = await page.evaluate(async () => {
        const { violations } = await (window as any).axe.run();
        return violations.map(
          (one: any) =>
            `${one.id}: ${one.nodes.map((node: any) => node.html + ' ' + node.any[0]?.message).join(' | ')}`,
        );
      });
      assert.deepEqual(found, [], state);
    };
    const looks: BrowserContextOptions[] = [
      { colorScheme: 'light' },
      { colorScheme: 'dark', viewport: { width: 360, height: 740 } },
    ];
    for (const look of looks) {
      const w = await world(t);
      const context = await w.context(look);
      const page = await w.visit({ head: '<style>:root{color-scheme:light dark}</style>' }, '/shop', context);
      await page.evaluate(axe);
      await button(page).waitFor();
      await check(page, 'closed');
      await openPanel(page);
      await check(page, 'open');
      await page.getByLabel('Choose a time').check();
      await page.getByText('Add details').click();
      await page.getByLabel('Email').fill('anna');
      await send(page);
      await check(page, 'errors');
      await page.getByLabel('Now').check();
      await page.getByLabel('Email').fill('');
      await fill(page);
      w.answers.callbacks = () => ({ status: 503 });
      await send(page);
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      await check(page, 'failed');
      w.answers.callbacks = () => ({ status: 201, body: { manageUrl } });
      await send(page);
      await page.getByText('Thank you').waitFor();
      await check(page, 'done');
    }
    const w = await world(t);
    const context = await w.context();
    await context.addInitScript(() => Object.defineProperty(navigator, 'globalPrivacyControl', { value: true }));
    const page = await w.visit({}, '/shop', context);
    await page.evaluate(axe);
    await openPanel(page);
    await check(page, 'statistics disabled');
  });

  test('on a phone it fits, scrolls inside, and every target is at least 44 px high', async (t) => {
    const w = await world(t);
    const page = await w.visit(
      {},
      '/shop',
      await w.context({ viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true }),
    );
    await button(page).tap();
    await dialog(page).waitFor();
    await page.waitForTimeout(300);
    assert.match((await focused(page))!, /title/, 'no keyboard covers the form at once');
    await page.getByText('Add details').tap();
    const box = (await dialog(page).boundingBox())!;
    assert.deepEqual([Math.round(box.x), Math.round(box.width), Math.round(box.y + box.height)], [0, 360, 640]);
    assert.ok(box.y >= 20);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    assert.equal(await dialog(page).evaluate((element) => element.scrollWidth <= element.clientWidth), true);
    const small = await page.evaluate(() =>
      [...document.querySelector('mi-connect')!.shadowRoot!.querySelectorAll('button, input, textarea, summary, .pick')]
        .filter((element) => element.ariaHidden !== 'true') // nobody meets it
        .map((element) => (element.closest('.pick, .count') ?? element) as HTMLElement)
        .filter((element) => element.offsetParent && element.getBoundingClientRect().height < 44)
        .map((element) => element.outerHTML),
    );
    assert.deepEqual(small, []);
    await fill(page);
    await page.locator('mi-connect form > button').tap();
    await page.getByText('Thank you').waitFor();
  });

  test('reduced motion, forced colours and print are respected', async (t) => {
    const w = await world(t);
    const page = await w.visit({}, '/shop', await w.context({ reducedMotion: 'reduce', forcedColors: 'active' }));
    await openPanel(page);
    assert.equal(await dialog(page).evaluate((element) => element.getAnimations().length), 0);
    const edges = await page.evaluate(() =>
      [
        ...document
          .querySelector('mi-connect')!
          .shadowRoot!.querySelectorAll('section button, form > button, .field input, .pick, [role=switch]'),
      ].map((element) => getComputedStyle(element).borderTopColor),
    );
    for (const colour of edges) assert.doesNotMatch(colour, /rgba\(.*, 0\)/);
    await page.keyboard.press('Escape');
    await page.emulateMedia({ media: 'print' });
    assert.equal(await button(page).isVisible(), false);
  });
});
