import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cell } from '../../../lib/save';

test('csv: no text is a formula to a spreadsheet', () => {
  for (const text of [
    '=cmd|’/C calc’!A0',
    '+44 7700 900123',
    '-1+1',
    '@SUM(A1)',
    '\t=1+1',
    '\r\n=1+1',
    ' =1+1',
    '\u200b=1+1',
    '＝1+1',
    '\u00a0-1',
  ]) {
    assert.ok(cell(text).startsWith(`"'`), JSON.stringify(text));
  }
  assert.equal(cell('Vera "V" Visitor, 2'), '"Vera ""V"" Visitor, 2"');
  assert.equal(cell('a=b'), '"a=b"');
  assert.equal(cell('";=1+1'), '""";=1+1"');
});
