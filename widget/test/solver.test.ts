import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { digest, solve } from '../src/solver';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('it is SHA-256', () => {
  for (let length = 0; length <= 55; length++) {
    const text = 'abcdefghijklmnopqrstuvwxyz0123456789~.-_ABCDEFGHIJKLMNOPQRSTUVWXYZ'
      .slice(-length || 99)
      .slice(0, length);
    const words = digest(text).map((word) => (word >>> 0).toString(16).padStart(8, '0'));
    assert.equal(words.join(''), sha256(text), text);
  }
});

test('the number is found, in slices that let the page breathe', async () => {
  const salt = 'h4Jd0Qx2';
  let breaths = 0;
  const clock = setInterval(() => breaths++, 1);
  for (const number of [0, 1, 60_000])
    assert.deepEqual(await solve({ token: 't', salt, hash: sha256(salt + number), max: 100_000 }), {
      token: 't',
      number,
    });
  clearInterval(clock);
  assert.ok(breaths > 1, `${breaths} breaths`);
  await assert.rejects(solve({ token: 't', salt, hash: sha256('x'), max: 10 }), /no solution/);
});
