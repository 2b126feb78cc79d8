import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stagePath } from '../../../ui/stage-path';
import { half } from '../half';
import { addDays, dayIn, months, rangeId, slotName, span } from '../range';

test('range: days are the site’s, across a change of clocks and a year', () => {
  const late = new Date('2026-11-23T23:30:00Z');
  assert.equal(dayIn('Europe/London', late), '2026-11-23');
  assert.equal(dayIn('Pacific/Auckland', late), '2026-11-24');
  assert.equal(dayIn('America/Los_Angeles', new Date('2026-01-01T05:00:00Z')), '2025-12-31');
  assert.equal(addDays('2026-03-28', 2), '2026-03-30');
  assert.deepEqual(span('today', 'Europe/London', late), { from: '2026-11-23', to: '2026-11-23', by: 'hour' });
  assert.deepEqual(span('7d', 'Europe/London', late), { from: '2026-11-17', to: '2026-11-23', by: 'day' });
  assert.deepEqual(span('30d', 'Europe/London', late), { from: '2026-10-25', to: '2026-11-23', by: 'day' });
  const month = { from: '2026-10-01', to: '2026-10-31', by: 'day' };
  assert.deepEqual(span('month', 'Europe/London', late), month);
  assert.deepEqual(span('month', 'Pacific/Auckland', new Date('2026-11-30T20:00:00Z')).to, '2026-11-30');
  assert.deepEqual(span('12m', 'Europe/London', late), { from: '2025-12-01', to: '2026-11-23', by: 'day' });
  assert.equal(rangeId('7d'), '7d');
  assert.equal(rangeId('nonsense'), '30d');
});

test('range: months add up to their days', () => {
  const day = (key: string, impressions: number) => ({ key, impressions, opens: 1, submits: 0 });
  assert.deepEqual(months([day('2026-01-30', 5), day('2026-01-31', 2), day('2026-02-01', 1)]), [
    { key: '2026-01', impressions: 7, opens: 2, submits: 0 },
    { key: '2026-02', impressions: 1, opens: 1, submits: 0 },
  ]);
  for (const key of ['2026-11-23T02', '2026-11-23', '2026-11'])
    assert.ok(slotName(key).length > 1 && slotName(key, true).length > 1);
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
