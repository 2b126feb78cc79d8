import assert from 'node:assert/strict';
import { test } from 'node:test';
import { written } from '../phone';

// The groupings of Ofcom's National Telephone Numbering Plan.
test('numbers are written as people read them', () => {
  for (const [e164, text] of Object.entries({
    '+442079460018': '020 7946 0018',
    '+442920180123': '029 2018 0123',
    '+441132345678': '0113 234 5678',
    '+441614960018': '0161 496 0018',
    '+441632960001': '01632 960001',
    '+441539412345': '015394 12345',
    '+44169772345': '016977 2345',
    '+447700900123': '07700 900123',
    '+443331234567': '0333 123 4567',
    '+448001111': '0800 1111',
    '+33142685300': '+33142685300',
    '': '',
  }))
    assert.equal(written(e164), text, e164);
});
