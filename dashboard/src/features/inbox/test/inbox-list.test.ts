import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Callback } from '../../../lib/api.gen';
import { append, merge, withStatus } from '../inbox-list';

const item = (id: string, minute: number, status: Callback['status'] = 'new'): Callback => ({
  id,
  status,
  outcome: null,
  claim: null,
  note: '',
  history: [],
  name: id,
  phone: '',
  page: '',
  at: null,
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
  const shown = withStatus([item('b', 20), item('a', 10)], 'b', 'called');
  assert.equal(merge(shown, [item('a', 10)], true, new Set(['b']))[0]!.status, 'called');
  assert.equal(merge(shown, [item('b', 20), item('a', 10)], true, new Set(['b']))[0]!.status, 'called');
  assert.equal(
    merge(shown, [{ ...item('b', 20, 'cancelled'), updatedAt: '2026-11-23T13:00:00Z' }], true, new Set(['b']))[0]!
      .status,
    'cancelled',
  );
  assert.equal(ids(append(shown, [item('a', 10), item('z', 1)])), 'b a z');
});
