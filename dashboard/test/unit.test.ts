import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problem } from '../src/api';
import { demoAddress } from '../src/app/demo';
import { append, merge, withStatus } from '../src/app/inbox-list';
import { emailProblem, passwordProblem, toOrigin } from '../src/check';
import { ago, localInput, percent } from '../src/format';
import { addDays, dayIn, months, rangeId, slotName, span } from '../src/range';
import { match, safeNext } from '../src/router';
import { expiryOf } from '../src/token';
import type { Callback } from '../src/types';
import { stagePath } from '../src/ui/stage-path';
import { pageHeaders } from './headers';

test('token: the end is its third part, whatever else it carries', () => {
  assert.equal(expiryOf(`u_1.secret.${(1_800_000_000).toString(36)}`), 1_800_000_000_000);
  for (const wrong of ['', 'x', 'a.b', 'a.b.', 'a.b.c.d', '.b.c', 'a..c', 'a.b.C!', 'a.b.-1', 'a.b.zzzzzzzzzzzz']) assert.equal(expiryOf(wrong), null, wrong);
});

test('router: patterns', () => {
  assert.deepEqual(match('/app/sites/:id', '/app/sites/st_1'), { id: 'st_1' });
  assert.deepEqual(match('/app/sites/:id', '/app/sites/st_1/'), { id: 'st_1' });
  assert.deepEqual(match('/app/sites/:id/:tab', '/app/sites/a%20b/inbox'), { id: 'a b', tab: 'inbox' });
  assert.deepEqual(match('/', '/'), {});
  for (const path of ['/app/sites', '/app/sites/', '/app/sites/a/b/c', '/app/sites/%E0%A4%A']) assert.equal(match('/app/sites/:id', path), null, path);
});

test('router: after logging in only our own signed-in pages', () => {
  const origin = 'https://connect.example';
  assert.equal(safeNext('/app/sites/st_1?range=7d', origin), '/app/sites/st_1?range=7d');
  for (const bad of [null, '', 'https://evil.example', '//evil.example/app', '/\\evil.example/app', '\\\\evil.example', 'javascript:alert(1)', '/apple', '/login?next=/login', '/app/../../v1/me', ' /app', '/\t/evil.example/app']) {
    assert.equal(safeNext(bad, origin), '/app', String(bad));
  }
});

test('api: a problem becomes a typed error, and anything else a general sentence', () => {
  const error = problem(400, { type: 'urn:mi-connect:problem:invalid', detail: 'Look again.', requestId: 'r1', errors: [{ field: 'email', message: 'one' }, { field: 'email', message: 'two' }, { field: 3 }] }, null);
  assert.deepEqual([error.status, error.code, error.detail, error.requestId, error.fields], [400, 'invalid', 'Look again.', 'r1', { email: 'one' }]);
  assert.equal(problem(429, {}, '7').retryAfter, 7);
  assert.equal(problem(429, {}, 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfter, null);
  for (const body of [undefined, null, 'text', [], { type: 3, detail: '' }, { errors: 'x' }]) {
    const general = problem(502, body, null);
    assert.equal(general.code, 'http-502');
    assert.match(general.detail, /went wrong on our side/);
  }
});

test('check: origins', () => {
  const good: Record<string, string> = {
    'https://example.com': 'https://example.com', ' example.com ': 'https://example.com', 'https://Example.COM/': 'https://example.com',
    'http://example.com:8080': 'http://example.com:8080', 'https://example.com:443': 'https://example.com',
    'localhost:3000': 'http://localhost:3000', 'http://127.0.0.1:3001': 'http://127.0.0.1:3001', 'münchen.example': 'https://xn--mnchen-3ya.example',
  };
  for (const [typed, origin] of Object.entries(good)) assert.deepEqual(toOrigin(typed), { origin }, typed);
  for (const typed of ['', '   ', 'example', 'ftp://example.com', 'javascript:alert(1)', 'https://example.com/shop', 'https://example.com?a', 'https://a:b@example.com', 'https://*.example.com', 'two words.com', 'https://']) {
    assert.ok('error' in toOrigin(typed), typed);
  }
});

test('check: e-mail and password are lenient, but not empty', () => {
  assert.equal(emailProblem('a@b.co'), null);
  for (const typed of ['', 'a', 'a@b', 'a b@c.de', '@c.de']) assert.ok(emailProblem(typed), typed);
  assert.equal(passwordProblem('12345678'), null);
  assert.equal(passwordProblem('🙂🙂🙂🙂🙂🙂🙂🙂'), null);
  assert.match(passwordProblem('🙂🙂🙂🙂')!, /8 characters/);
});

test('range: days are the site’s, across a change of clocks and a year', () => {
  const late = new Date('2026-11-23T23:30:00Z');
  assert.equal(dayIn('Europe/London', late), '2026-11-23');
  assert.equal(dayIn('Pacific/Auckland', late), '2026-11-24');
  assert.equal(dayIn('America/Los_Angeles', new Date('2026-01-01T05:00:00Z')), '2025-12-31');
  assert.equal(addDays('2026-03-28', 2), '2026-03-30');
  assert.deepEqual(span('today', 'Europe/London', late), { from: '2026-11-23', to: '2026-11-23', by: 'hour' });
  assert.deepEqual(span('7d', 'Europe/London', late), { from: '2026-11-17', to: '2026-11-23', by: 'day' });
  assert.deepEqual(span('30d', 'Europe/London', late), { from: '2026-10-25', to: '2026-11-23', by: 'day' });
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
  for (const key of ['2026-11-23T02', '2026-11-23', '2026-11']) assert.ok(slotName(key).length > 1 && slotName(key, true).length > 1);
});

test('format: an unknown rate is a dash, a small one keeps its place', () => {
  assert.equal(percent(null), '–');
  assert.match(percent(0.0839), /8[.,]4/);
  const now = Date.parse('2026-11-23T12:00:00Z');
  assert.notEqual(ago('2026-11-23T11:57:00Z', now), ago('2026-11-23T12:03:00Z', now));
  assert.equal(localInput(new Date(2026, 0, 5, 7, 3)), '2026-01-05T07:03');
});

const item = (id: string, minute: number, status: Callback['status'] = 'new'): Callback => ({
  id, status, name: id, phone: '', page: '', createdAt: `2026-11-23T12:${String(minute).padStart(2, '0')}:00Z`, updatedAt: `2026-11-23T12:${String(minute).padStart(2, '0')}:00Z`,
});
const ids = (list: Callback[]) => list.map((one) => one.id).join(' ');

test('inbox: a refresh puts new requests on top and drops what left the filter', () => {
  const shown = [item('c', 30), item('b', 20), item('a', 10)];
  assert.equal(ids(merge(shown, [item('d', 40), item('c', 30), item('b', 20)], false, new Set())), 'd c b a');
  assert.equal(ids(merge(shown, [item('c', 30), item('a', 10)], true, new Set())), 'c a');
  assert.equal(ids(merge(shown, [], true, new Set())), '');
  assert.equal(ids(merge([], [{ ...item('late', 30), createdAt: '2026-11-23T12:30:00.5Z' }, item('c', 30)], true, new Set())), 'late c');
});

test('inbox: what was changed here stays in place, unless the API knows something newer', () => {
  const shown = withStatus([item('b', 20), item('a', 10)], 'b', 'called');
  assert.equal(merge(shown, [item('a', 10)], true, new Set(['b']))[0]!.status, 'called');
  assert.equal(merge(shown, [item('b', 20), item('a', 10)], true, new Set(['b']))[0]!.status, 'called');
  assert.equal(merge(shown, [{ ...item('b', 20, 'cancelled'), updatedAt: '2026-11-23T13:00:00Z' }], true, new Set(['b']))[0]!.status, 'cancelled');
  assert.equal(ids(append(shown, [item('a', 10), item('z', 1)])), 'b a z');
});

test('install: the demo site is linked on localhost only', () => {
  assert.equal(demoAddress({ hostname: 'localhost', port: '3000' }, 'pk_1'), 'http://127.0.0.1:3001/?site=pk_1');
  assert.equal(demoAddress({ hostname: 'connect.example', port: '' }, 'pk_1'), null);
  assert.equal(demoAddress({ hostname: '127.0.0.1', port: '3000' }, 'pk_1'), null);
});

test('funnel: heights are true to the shares, and nothing vanishes', () => {
  assert.match(stagePath(0, 1, 0.5), /^M0 0H58.*V75C.*100H0Z$/);
  assert.match(stagePath(2, 0, 0), /^M200 49\.4H258/);
});

test('headers: the template’s policy is the strict one that these tests run under', () => {
  const headers = pageHeaders();
  assert.match(headers['content-security-policy']!, /default-src 'none'.*trusted-types 'none'/);
  assert.doesNotMatch(headers['content-security-policy']!, /unsafe/);
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.match(headers['permissions-policy']!, /camera=\(\)/);
});
