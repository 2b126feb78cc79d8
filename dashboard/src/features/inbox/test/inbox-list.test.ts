import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Callback } from '../../../lib/api.gen';
import { append, found, merge, order, overdue, replace, shownAs, undoOf, waits } from '../inbox-list';

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

test('inbox: a refresh follows the order that calls are due in, and drops what left the filter', () => {
  const shown = [item('a', 10), item('b', 20), item('c', 30)];
  const due = { ...item('due', 40), promise: { due: '2026-11-23T12:05:00Z', state: 'broken' as const } };
  assert.equal(ids(merge(shown, [due, item('a', 10), item('b', 20)], false, new Set())), 'due a b c');
  assert.equal(ids(merge(shown, [item('a', 10), item('c', 30)], true, new Set())), 'a c');
  assert.equal(ids(merge(shown, [], true, new Set())), '');
  const handled = [item('new', 1), item('y', 50, 'called'), item('x', 40, 'missed')];
  assert.equal(ids([...handled].reverse().sort(order)), 'new y x');
  assert.equal(ids(merge(handled, [item('new', 1), item('y', 50, 'called')], false, new Set())), 'new y x');
});

test('inbox: what is overdue, and what waits again', () => {
  const now = Date.parse('2026-11-23T12:30:00Z');
  const due = (time: string) => ({
    ...item('a', 10),
    promise: { due: `2026-11-23T${time}:00Z`, state: 'waiting' as const },
  });
  assert.equal(overdue(due('12:29'), now), true);
  assert.equal(overdue(due('12:31'), now), false);
  assert.equal(overdue(item('a', 10), now), false, 'nothing was promised');
  assert.equal(overdue(item('a', 10), now + 3_600_000), true, 'but soon is meant');
  const again = shownAs(shownAs(item('a', 10), { outcome: 'no-answer' }), { tryAt: '2026-11-23T12:20:00Z' });
  assert.deepEqual([waits(again), overdue(again, now)], [true, true]);
  assert.equal(waits(shownAs(again, { outcome: 'talked' })), false);
});

test('inbox: what was changed here stays in place, unless the API knows something newer', () => {
  const shown = replace([item('b', 20), item('a', 30)], shownAs(item('b', 20), { outcome: 'talked' }));
  assert.equal(merge(shown, [item('a', 30)], true, new Set(['b']))[0]!.status, 'called');
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
