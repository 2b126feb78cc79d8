import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inWords, judge, oneIn } from '../rate';

const VECTORS = new URL('../../../../shared/connect/testdata/rates.json', import.meta.url);

test('rate: the interval is scipy’s', () => {
  const { rates } = JSON.parse(readFileSync(VECTORS, 'utf8')) as { rates: [number, number, number, number][] };
  assert.equal(rates.length, 1000);
  for (const [k, n, low, high] of rates) {
    const judged = judge(k, n)!;
    assert.ok(Math.abs(judged.low - low) < 1e-12 && Math.abs(judged.high - high) < 1e-12, `${k} of ${n}`);
  }
  assert.equal(judge(0, 0), null);
});

test('rate: words claim no more than the interval allows', () => {
  for (const [k, n, words] of [
    [120, 3400, /^about 1 in 28 \(3% to 4\.2%\)$/],
    [12, 340, /^roughly 1 in 28 \(2% to 6\.1%\)$/],
    [7, 340, /^too few to judge$/],
    [4, 8, /^too few to judge$/],
    [0, 50, /^too few to judge$/],
    [70, 100, /^about 7 in 10 /],
    [99, 100, /^nearly all /],
  ] as const)
    assert.match(inWords(judge(k, n)), words, `${k} of ${n}`);
  assert.equal(inWords(null), '–');
  assert.equal(oneIn(1 / 3), '3 in 10');
});
