import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteComplaint } from '../../../lib/api.gen';
import { daysLeft, registerText } from '../complaint-words';

test('complaints: what is left of the thirty days, counted by whole days to midnight', () => {
  const dueAt = '2026-12-01T00:00:00Z';
  const left = (now: string) => daysLeft({ dueAt, state: 'open' }, Date.parse(now));
  assert.equal(left('2026-11-01T09:00:00Z')?.text, '30 days left');
  assert.deepEqual(left('2026-11-23T09:00:00Z'), { text: '8 days left', late: false, soon: true });
  assert.equal(left('2026-11-22T09:00:00Z')?.soon, false);
  assert.equal(left('2026-11-30T23:59:59Z')?.text, 'Last day');
  assert.deepEqual(left('2026-12-01T00:00:00Z'), { text: 'Overdue since today', late: true, soon: true });
  assert.equal(left('2026-12-02T10:00:00Z')?.text, '2 days overdue');
  assert.equal(daysLeft({ dueAt, state: 'answered' }), null);
});

test('complaints: no cell of the register is a formula to a spreadsheet', () => {
  const evil = '=HYPERLINK("https://evil.example")';
  const at = '2026-11-01T09:00:00Z';
  const one = {
    ...{
      id: 'd_00000001',
      site: 's_1',
      siteName: evil,
      request: null,
      name: evil,
      phone: '+447700900123',
      email: evil,
    },
    ...{ message: evil, state: 'answered', result: 'upheld', answer: evil, createdAt: at, updatedAt: at },
    ...{ lastDay: '2026-11-30', dueAt: at, acknowledgedAt: at, answeredAt: at, expiresAt: at, version: 3 },
    history: [{ at, what: 'note', by: '@SUM(A1)', text: evil }],
  } satisfies SiteComplaint;
  const text = registerText([one]);
  const cells = [...text.slice(1).matchAll(/"((?:[^"]|"")*)"/g)].map(([, cell]) => cell!);
  assert.equal(cells.length, 28, 'a head and a row of 14');
  assert.deepEqual(
    cells.filter((cell) => /^[\s=+\-@]/.test(cell)),
    [],
  );
  assert.equal(cells.filter((cell) => cell.startsWith("'=HYPERLINK")).length, 5);
  assert.ok(cells.includes("'+447700900123") && cells.at(-1)!.includes('Note · @SUM(A1): =HYPERLINK'));
});
