import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conditional, differs } from '../difference';

const VECTORS = new URL('../../../../shared/connect/testdata/rates.json', import.meta.url);

test('difference: the conditional test is scipy’s', () => {
  const { tables } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
    tables: [number, number, number, number, number][];
  };
  assert.equal(tables.length, 1000);
  let clear = 0;
  for (const [k, n, before, of, p] of tables) {
    const ours = conditional({ k, n }, { k: before, n: of });
    assert.ok(Math.abs(ours - p) <= 1e-7 * p + 1e-100, `${k}/${n}, ${before}/${of}: ${ours}, not ${p}`);
    if (p < 0.01) clear++;
  }
  assert.ok(clear > 100 && clear < 900, `${clear} of the tables differ`);
});

test('difference: stated only when it is one', () => {
  for (const [k, n, before, of, says] of [
    [95, 1000, 60, 1000, 'higher'],
    [60, 1000, 95, 1000, 'lower'],
    [70, 1000, 60, 1000, 'no clear difference'],
    [5, 100, 4, 100, 'too few'],
    [20, 100, 0, 0, 'too few'],
    [0, 1000, 30, 1000, 'lower'],
    [30, 1000, 0, 1000, 'higher'],
  ] as const)
    assert.equal(differs({ k, n }, { k: before, n: of }), says, `${k}/${n}, ${before}/${of}`);
});

test('difference: of 4,000 pairs that differ by chance alone, under 1% are said to', () => {
  let seed = 14;
  const chance = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  const draw = (n: number, rate: number) => {
    let k = 0;
    for (let i = 0; i < n; i++) if (chance() < rate) k++;
    return { k, n };
  };
  let said = 0;
  for (let i = 0; i < 4000; i++) {
    const rate = [0.03, 0.1, 0.25, 0.6][i % 4]!;
    const found = differs(draw(500, rate), draw(400 + (i % 200), rate));
    if (found === 'higher' || found === 'lower') said++;
  }
  assert.ok(said > 0 && said < 40, `${said}`);
});
