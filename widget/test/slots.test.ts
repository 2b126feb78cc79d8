// The times a site offers: what the panel lists is what the server accepts.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { dialog, fill, openPanel, send, stage, until, type World } from './world';

const world = stage();
const NOW = '2026-11-24T14:05:00Z'; // a Tuesday
const hours = (open: boolean, withinMinutes = 30) => ({
  timeZone: 'Europe/London',
  open,
  changesAt: '2026-11-24T17:30:00Z',
  withinMinutes,
});
const day = (date: string, ...times: string[]) => times.map((time) => ({ at: `${date}T${time}:00Z`, until: '' }));

async function shown(w: World, timezoneId = 'Europe/London'): Promise<Page> {
  const context = await w.context({ timezoneId });
  await context.clock.install({ time: NOW });
  const page = await w.visit({}, '/shop', context);
  await openPanel(page);
  return page;
}

const chips = (page: Page) =>
  dialog(page).evaluate((panel) =>
    [...panel.querySelectorAll('fieldset .pick, fieldset .chip')]
      .filter((one) => (one as HTMLElement).offsetParent)
      .map((one) => (one.querySelector(':checked') ? '* ' : '') + one.textContent),
  );
const listed = (page: Page, what: RegExp) =>
  until('the times', async () => what.test((await chips(page)).join()), 5000);
const asked = (w: World) => w.of('/v1/callbacks').map(({ body }) => JSON.parse(body).at);

describe('times that a site offers', { concurrency: 4 }, () => {
  test('each department has its own times, and is open in its own hours', async (t) => {
    const w = await world(t);
    const departments = [
      { name: 'Sales', open: true, changesAt: '2026-11-24T17:30:00Z' },
      { name: 'Repairs & parts', open: false, changesAt: '2026-11-28T09:00:00Z' },
    ];
    w.configuration = { hours: { ...hours(true), departments } };
    w.answers.slots = ({ query }) => ({
      status: 200,
      body: {
        timeZone: 'Europe/London',
        slots: query.get('department') === 'Repairs & parts' ? day('2026-11-28', '09:00') : day('2026-11-24', '15:30'),
        next: null,
      },
    });
    const page = await shown(w);
    await listed(page, /15:30/);
    assert.deepEqual(await chips(page), ['* Now', '15:30']);
    await page.getByLabel('Department').selectOption('Repairs & parts');
    await listed(page, /Sat 9:00/);
    assert.deepEqual(await chips(page), ['* Sat 9:00']);
    await page.getByLabel('Department').selectOption('Sales');
    await listed(page, /15:30/);
    assert.deepEqual(await chips(page), ['* Now', '15:30']);
    // Changed while the first list is still on its way: the last choice stands.
    const slow = w.answers.slots!;
    w.answers.slots = async (call) => {
      const afterMs = call.query.get('department') === 'Sales' ? 600 : 100;
      return { ...((await slow(call)) as object), afterMs } as never;
    };
    for (const name of ['Repairs & parts', 'Sales', 'Repairs & parts'])
      await page.getByLabel('Department').selectOption(name);
    await page.waitForTimeout(1000);
    assert.deepEqual(await chips(page), ['* Sat 9:00']);
    await fill(page);
    await send(page);
    await page.getByText('Thank you').waitFor();
    const { department, at } = JSON.parse(w.of('/v1/callbacks')[0]!.body);
    assert.deepEqual([department, at], ['Repairs & parts', '2026-11-28T09:00:00.000Z']);
  });

  test('open: now, then the next times; the promise is said before and after', async (t) => {
    const w = await world(t);
    w.configuration = { hours: hours(true) };
    w.answers.slots = () => ({
      status: 200,
      body: {
        timeZone: 'Europe/London',
        slots: [
          ...day('2026-11-24', '15:30', '16:00'),
          ...day('2026-11-25', '09:00', '09:30'),
          ...day('2026-11-27', '10:00'),
        ],
        next: null,
      },
    });
    w.answers.callbacks = () => ({
      status: 201,
      body: { at: null, promise: { due: '2026-11-24T14:35:00Z', state: 'waiting' }, timeZone: 'Europe/London' },
    });
    const page = await shown(w);
    await listed(page, /15:30/);
    assert.deepEqual(await chips(page), ['* Now', '15:30', '16:00', 'Tomorrow 9:00', 'More times …']);
    assert.ok(await page.getByText('We call within 30 minutes.').isVisible());
    assert.equal(await page.getByLabel('Day and time').count(), 0, 'no free time, which would be refused');
    await page.getByRole('radio', { name: '16:00' }).check();
    assert.equal(await page.getByText('We call within').isVisible(), false, 'promised for now alone');
    await page.getByRole('button', { name: 'More times …' }).click();
    assert.deepEqual(await chips(page), ['Now', '15:30', '* 16:00', '9:00', '9:30', '10:00']);
    assert.deepEqual(
      await dialog(page).evaluate((panel) =>
        [...panel.querySelectorAll('.chips')].map((row) => [row.ariaLabel, row.querySelectorAll('input').length]),
      ),
      [
        ['Tuesday 24 November', 2],
        ['Wednesday 25 November', 2],
        ['Friday 27 November', 1],
      ],
    );
    await page.getByText('Now', { exact: true }).click();
    await fill(page);
    await send(page);
    await page.getByText('Acme Plumbing will call you on 020 7946 0123 by 14:35.').waitFor();
    assert.deepEqual(asked(w), [undefined]);
  });

  test('closed: no now, the next time is chosen and sent as it was listed', async (t) => {
    const w = await world(t);
    w.configuration = { hours: hours(false) };
    w.answers.slots = () => ({
      status: 200,
      body: { timeZone: 'Europe/London', slots: day('2026-11-25', '09:00', '09:30'), next: null },
    });
    const page = await shown(w);
    await listed(page, /Tomorrow/);
    assert.deepEqual(await chips(page), ['* Tomorrow 9:00', 'Tomorrow 9:30']);
    await fill(page);
    await send(page);
    await page.getByText(/020 7946 0123: Wednesday,? 25 November 2026 at 09:00/).waitFor();
    assert.deepEqual(asked(w), ['2026-11-25T09:00:00.000Z']);
  });

  test('what the configuration says of now is compared with the clock', async (t) => {
    const w = await world(t);
    w.configuration = { hours: { ...hours(false), changesAt: '2026-11-24T14:00:00Z' } };
    const page = await shown(w);
    assert.deepEqual(await chips(page), ['* Now']);
  });

  test('closed and nothing free: as soon as possible; and so when the list cannot be had', async (t) => {
    for (const slots of [
      { status: 200, body: { timeZone: 'Europe/London', slots: [], next: null } },
      { status: 503 },
    ]) {
      const w = await world(t);
      w.configuration = { hours: hours(false) };
      w.answers.slots = () => slots;
      const page = await shown(w);
      await listed(page, /As soon as possible/);
      assert.equal((await chips(page))[0], '* As soon as possible');
      if (slots.status === 200) assert.ok(await page.getByText('No free times at the moment.').isVisible());
      await fill(page);
      await send(page);
      await page.getByText('as soon as possible.').waitFor();
    }
  });

  test('a visitor in another zone sees both times', async (t) => {
    const w = await world(t);
    w.configuration = { hours: hours(false) };
    w.answers.slots = () => ({
      status: 200,
      body: { timeZone: 'Europe/London', slots: day('2026-11-25', '09:00'), next: null },
    });
    w.answers.callbacks = () => ({
      status: 201,
      body: { at: '2026-11-25T09:00:00Z', promise: null, timeZone: 'Europe/London' },
    });
    const page = await shown(w, 'Europe/Warsaw');
    await listed(page, /10:00/);
    assert.ok(await page.getByText('Wed 10:00 your time, Wed 09:00 in London').filter({ visible: true }).count());
    await fill(page);
    await send(page);
    await page.getByText('at 10:00').waitFor();
    assert.ok(await page.getByText('Wed 10:00 your time, Wed 09:00 in London').filter({ visible: true }).count());
    assert.deepEqual(asked(w), ['2026-11-25T09:00:00.000Z']);
  });

  test('further days are asked for only when they are wanted', async (t) => {
    const w = await world(t);
    w.configuration = { hours: hours(true) };
    const queries: (string | null)[] = [];
    w.answers.slots = ({ query }) => {
      const from = query.get('from');
      queries.push(from);
      return {
        status: 200,
        body: from
          ? { timeZone: 'Europe/London', slots: day('2026-12-02', '11:00'), next: null }
          : { timeZone: 'Europe/London', slots: day('2026-11-24', '15:00', '15:30'), next: '2026-12-01' },
      };
    };
    const page = await shown(w);
    await listed(page, /15:30/);
    assert.deepEqual(queries, [null]);
    // Without a connection it says so, and the button is still there to try again.
    await page.context().setOffline(true);
    for (let tries = 0; tries < 2; tries++) {
      await page.getByRole('button', { name: 'More times …' }).click();
      await dialog(page).getByRole('alert').filter({ hasText: 'You seem to be offline.' }).waitFor();
    }
    await page.context().setOffline(false);
    await page.getByRole('button', { name: 'More times …' }).click();
    await listed(page, /11:00/);
    assert.deepEqual(queries, [null, '2026-12-01']);
    assert.equal(await page.getByRole('button', { name: 'More times …' }).count(), 0);
  });

  for (const [code, text] of [
    ['slot-gone', 'That time has just been taken. Please choose another.'],
    ['closed', 'We take no calls at that time. Please choose another.'],
  ] as const) {
    test(`${code}: another is chosen without losing what was typed`, async (t) => {
      const w = await world(t);
      w.configuration = { hours: hours(false) };
      w.answers.slots = () => ({
        status: 200,
        body: { timeZone: 'Europe/London', slots: day('2026-11-25', '09:00', '09:30'), next: null },
      });
      w.answers.callbacks = () => ({
        status: 409,
        body: {
          type: 'urn:mi-connect:problem:' + code,
          detail: 'x',
          slots: ['2026-11-25T09:30:00Z', '2026-11-25T10:00:00Z'],
          errors: [{ field: 'at', message: 'x' }],
        },
      });
      const page = await shown(w);
      await listed(page, /Tomorrow/);
      await fill(page);
      await page.getByText('Add details').click();
      await page.getByLabel('Message').fill('About the boiler');
      await send(page);
      await page.getByText(text).waitFor();
      await listed(page, /10:00/);
      assert.deepEqual(await chips(page), ['Tomorrow 9:30', 'Tomorrow 10:00']);
      assert.equal(await page.getByLabel('Your name').inputValue(), 'Anna Bell');
      assert.equal(await page.getByLabel('Message').inputValue(), 'About the boiler');
      w.answers.callbacks = () => ({ status: 201, body: { at: '2026-11-25T10:00:00Z' } });
      await page.getByRole('radio', { name: 'Tomorrow 10:00' }).check();
      await send(page);
      await page.getByText('Thank you').waitFor();
      assert.deepEqual(asked(w), ['2026-11-25T09:00:00.000Z', '2026-11-25T10:00:00.000Z']);
    });
  }
});
