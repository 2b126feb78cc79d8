import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Callback } from '../../../lib/api.gen';
import { append, found, merge, replace, shownAs, undoOf } from '../inbox-list';

const item = (id: string, minute: number, status: Callback['status'] = 'new'): Callback => ({
  id,
  site: 's_1',
  status,
  outcome: null,
  claim: null,
  assigned: null,
  tryAt: null,
  note: '',
  history: [],
  name: id,
  phone: '',
  phoneShown: '',
  page: '',
  at: null,
  promise: null,
  department: '',
  email: '',
  message: '',
  createdAt: `2026-11-23T12:${String(minute).padStart(2, '0')}:00Z`,
  updatedAt: `2026-11-23T12:${String(minute).padStart(2, '0')}:00Z`,
});

const ids = (list: Callback[]) => list.map((one) => one.id).join(' ');

test('inbox: a refresh puts new requests on top and drops what left the filter', () => {
  const shown = [item('c', 30), item('b', 20), item('a', 10)];
  assert.equal(ids(merge(shown, [item('d', 40), item('c', 30), item('b', 20)], false, new Set())), 'd c b a');
  assert.equal(ids(merge(shown, [item('c', 30), item('a', 10)], true, new Set())), 'c a');
  assert.equal(ids(merge(shown, [], true, new Set())), '');
  assert.equal(
    ids(merge([], [{ ...item('late', 30), createdAt: '2026-11-23T12:30:00.5Z' }, item('c', 30)], true, new Set())),
    'late c',
  );
});

test('inbox: what was changed here stays in place, unless the API knows something newer', () => {
  const shown = replace([item('b', 20), item('a', 10)], shownAs(item('b', 20), { outcome: 'talked' }));
  assert.equal(merge(shown, [item('a', 10)], true, new Set(['b']))[0]!.status, 'called');
  assert.equal(merge(shown, [item('b', 20), item('a', 10)], true, new Set(['b']))[0]!.status, 'called');
  assert.equal(
    merge(shown, [{ ...item('b', 20, 'cancelled'), updatedAt: '2026-11-23T13:00:00Z' }], true, new Set(['b']))[0]!
      .status,
    'cancelled',
  );
  assert.equal(ids(append(shown, [item('a', 10), item('z', 1)])), 'b a z');
});

test('inbox: an outcome says where a request stands, and can be taken back', () => {
  const claimed = { ...item('a', 10), claim: { name: 'Ada', mine: true, until: '2026-11-23T12:20:00Z' } };
  const missed = shownAs(claimed, { outcome: 'no-answer' });
  assert.deepEqual([missed.status, missed.outcome, missed.claim], ['missed', 'no-answer', null]);
  assert.equal(shownAs(claimed, { note: 'Rings at six.' }).claim?.name, 'Ada');
  assert.deepEqual(undoOf(claimed), { status: 'new' });
  assert.deepEqual(undoOf(missed), { outcome: 'no-answer' });
  assert.equal(shownAs(missed, { status: 'new' }).outcome, null);
});

test('inbox: a request is found by name, words and number, however that is typed', () => {
  const one = { ...item('Zoë Ask', 10), phone: '+441614960018', message: 'The boiler leaks' };
  const list = [one, { ...item('Ben', 20), phone: '+447700900123' }];
  for (const text of ['zoë', 'BOILER', '0161 496', '+44 161 496', '96 0018', ' ask '])
    assert.deepEqual(found(list, text), [one], text);
  assert.deepEqual(found(list, ''), list);
  assert.deepEqual(found(list, '0161 497'), []);
});
