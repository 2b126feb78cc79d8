import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stagePath } from '../../../ui/stage-path';
import { half } from '../half';
import {
  addDays,
  dayIn,
  earlier,
  entryName,
  groupsFor,
  rangeOf,
  rangeQuery,
  slotName,
  spanName,
  wrongDates,
} from '../range';

test('range: days are the site’s, across a change of clocks and a year', () => {
  const late = new Date('2026-11-23T23:30:00Z');
  assert.equal(dayIn('Europe/London', late), '2026-11-23');
  assert.equal(dayIn('Pacific/Auckland', late), '2026-11-24');
  assert.equal(dayIn('America/Los_Angeles', new Date('2026-01-01T05:00:00Z')), '2025-12-31');
  assert.equal(addDays('2026-03-28', 2), '2026-03-30');
  const range = (query: string, timeZone = 'Europe/London', now = late) => {
    const site = { timeZone, createdAt: '2024-02-29T23:30:00Z' };
    const { from, to, by } = rangeOf(new URLSearchParams(query), site, now);
    return `${from} ${to} ${by}`;
  };
  assert.equal(range('range=today'), '2026-11-23 2026-11-23 hour');
  assert.equal(range('range=7d'), '2026-11-17 2026-11-23 day');
  assert.equal(range('range=30d'), '2026-10-25 2026-11-23 day');
  assert.equal(range('range=mtd'), '2026-11-01 2026-11-23 day');
  assert.equal(range('range=mtd', 'Europe/London', new Date('2026-11-01T00:30:00Z')), '2026-11-01 2026-11-01 hour');
  assert.equal(range('range=month'), '2026-10-01 2026-10-31 day');
  assert.match(range('range=month', 'Pacific/Auckland', new Date('2026-11-30T20:00:00Z')), / 2026-11-30 /);
  assert.equal(range('range=12m'), '2025-12-01 2026-11-23 month');
  assert.equal(range('range=all'), '2024-02-29 2026-11-23 month');
  assert.equal(range('range=all', 'Pacific/Auckland'), '2024-03-01 2026-11-24 month');
  assert.equal(range('range=all', 'Europe/London', new Date('2040-01-01T12:00:00Z')), '2029-12-25 2040-01-01 month');
  assert.equal(range('range=nonsense'), range('range=30d'));
});

test('range: chosen days are in the address, and what is none is not believed', () => {
  const site = { timeZone: 'Europe/London', createdAt: '2024-02-29T10:00:00Z' };
  const range = (query: string) => rangeOf(new URLSearchParams(query), site, new Date('2026-11-23T12:00:00Z'));
  for (const query of [
    'from=2026-03-28&to=2026-03-30&by=hour',
    'from=2025-01-01&to=2026-11-23&by=week',
    'range=all&by=week',
  ]) {
    const one = range(query);
    assert.equal(rangeQuery(one), `?${query}`);
    assert.deepEqual(range(rangeQuery(one)), one);
  }
  assert.equal(range('from=2026-01-01&to=2026-04-10').by, 'week');
  assert.equal(range('from=2026-01-01&to=2026-01-20&by=hour').by, 'day', 'twenty days are too many by hour');
  assert.equal(range('from=2025-01-01&to=2026-11-23&by=day').by, 'month');
  for (const [from, to, field] of [
    ['2026-02-30', '2026-03-01', 'from'],
    ['2026-03-01', 'x', 'to'],
    ['2026-03-02', '2026-03-01', 'to'],
    ['2019-12-31', '2026-03-01', 'from'],
    ['2026-3-1', '2026-03-01', 'from'],
    ['2020-01-01', '2030-01-08', 'from'],
  ] as const) {
    assert.equal(wrongDates(from, to)?.field, field, `${from} ${to}`);
    assert.equal(range(`from=${from}&to=${to}`).preset, '30d');
  }
  assert.equal(wrongDates('2020-01-01', '2030-01-07'), undefined);
  assert.deepEqual(
    [1, 7, 8, 31, 32, 400, 401].map((n) =>
      groupsFor(n)
        .map((one) => one.by.slice(0, 1))
        .join(''),
    ),
    ['h', 'hd', 'dw', 'dw', 'dwm', 'dwm', 'wm'],
  );
});

test('range: what it is compared with is as long, or the same days of an earlier month or year', () => {
  const site = { timeZone: 'Europe/London', createdAt: '2020-02-29T10:00:00Z' };
  const beside = (query: string, now: string) => {
    const range = rangeOf(new URLSearchParams(query), site, new Date(now));
    return [earlier(range, 'before'), earlier(range, 'year')].map((span) => span && `${span.from} ${span.to}`);
  };
  const now = '2026-11-23T12:00:00Z';
  assert.deepEqual(beside('range=today', now), ['2026-11-22 2026-11-22', '2025-11-23 2025-11-23']);
  assert.deepEqual(beside('range=7d', now), ['2026-11-10 2026-11-16', '2025-11-17 2025-11-23']);
  assert.deepEqual(beside('range=mtd', now), ['2026-10-01 2026-10-23', '2025-11-01 2025-11-23']);
  assert.deepEqual(beside('range=mtd', '2026-03-31T10:00:00Z')[0], '2026-02-01 2026-02-28');
  assert.deepEqual(beside('range=month', now), ['2026-09-01 2026-09-30', '2025-10-01 2025-10-31']);
  assert.deepEqual(beside('range=month', '2024-04-01T10:00:00Z'), ['2024-02-01 2024-02-29', '2023-03-01 2023-03-31']);
  assert.deepEqual(beside('range=month', '2025-03-09T10:00:00Z')[1], '2024-02-01 2024-02-29');
  assert.deepEqual(beside('from=2024-02-29&to=2024-03-01', now), ['2024-02-27 2024-02-28', '2023-02-28 2023-03-01']);
  assert.deepEqual(beside('from=2020-01-01&to=2020-01-31', now), [null, null]);
  assert.deepEqual(beside('range=all', now), [null, null]);
  assert.equal(
    rangeQuery(rangeOf(new URLSearchParams('range=7d&compare=year'), site, new Date(now))),
    '?range=7d&by=day&compare=year',
  );
  assert.equal(rangeOf(new URLSearchParams('compare=x'), site, new Date(now)).compare, null);
});

test('range: every entry and span has a name', () => {
  for (const key of ['2026-11-23T02', '2026-11-23', '2026-11'])
    assert.ok(slotName(key).length > 1 && slotName(key, true).length > 1);
  assert.match(entryName('2026-11-23', 'week', true), /^Week of /);
  assert.match(spanName({ from: '2026-11-01', to: '2026-11-23' }), /2026 to /);
  assert.doesNotMatch(spanName({ from: '2026-11-23', to: '2026-11-23' }), / to /);
});

test('funnel: heights are true to the shares, and nothing vanishes', () => {
  assert.match(stagePath(0, 1, 0.5), /^M0 0H58.*V75C.*100H0Z$/);
  assert.match(stagePath(2, 0, 0), /^M200 49\.4H258/);
});

test('bars: a scale holds its tallest bar, and its half and whole are round', () => {
  for (const [max, want] of [
    [0, 1],
    [2, 1],
    [3, 2],
    [5, 5],
    [6, 5],
    [11, 10],
    [21, 20],
    [41, 25],
    [293, 200],
    [4204, 2500],
    [100_000, 50_000],
  ] as const) {
    assert.equal(half(max), want, String(max));
    assert.ok(2 * half(max) >= max);
  }
});
