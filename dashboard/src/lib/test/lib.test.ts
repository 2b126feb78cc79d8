import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageHeaders } from '../../../test/headers';
import { problem } from '../api';
import { emailProblem, passwordProblem, toOrigin, wwwPair } from '../check';
import { ago, localInput, percent } from '../format';
import { match, safeNext } from '../router';
import { expiryOf } from '../token';

test('token: the end is its third part, whatever else it carries', () => {
  assert.equal(expiryOf(`u_1.secret.${(1_800_000_000).toString(36)}`), 1_800_000_000_000);
  for (const wrong of ['', 'x', 'a.b', 'a.b.', 'a.b.c.d', '.b.c', 'a..c', 'a.b.C!', 'a.b.-1', 'a.b.zzzzzzzzzzzz'])
    assert.equal(expiryOf(wrong), null, wrong);
});

test('router: patterns', () => {
  assert.deepEqual(match('/app/sites/:id', '/app/sites/st_1'), { id: 'st_1' });
  assert.deepEqual(match('/app/sites/:id', '/app/sites/st_1/'), { id: 'st_1' });
  assert.deepEqual(match('/app/sites/:id/:tab', '/app/sites/a%20b/inbox'), { id: 'a b', tab: 'inbox' });
  assert.deepEqual(match('/', '/'), {});
  for (const path of ['/app/sites', '/app/sites/', '/app/sites/a/b/c', '/app/sites/%E0%A4%A'])
    assert.equal(match('/app/sites/:id', path), null, path);
});

test('router: after logging in only our own signed-in pages', () => {
  const origin = 'https://connect.example';
  assert.equal(safeNext('/app/sites/st_1?range=7d', origin), '/app/sites/st_1?range=7d');
  for (const bad of [
    null,
    '',
    'https://evil.example',
    '//evil.example/app',
    '/\\evil.example/app',
    '\\\\evil.example',
    'javascript:alert(1)',
    '/apple',
    '/login?next=/login',
    '/app/../../v1/me',
    ' /app',
    '/\t/evil.example/app',
  ]) {
    assert.equal(safeNext(bad, origin), '/app', String(bad));
  }
});

test('api: a problem becomes a typed error, and anything else a general sentence', () => {
  const error = problem(
    400,
    {
      type: 'urn:mi-connect:problem:invalid',
      detail: 'Look again.',
      requestId: 'r1',
      errors: [{ field: 'email', message: 'one' }, { field: 'email', message: 'two' }, { field: 3 }],
    },
    null,
  );
  assert.deepEqual(
    [error.status, error.code, error.detail, error.requestId, error.fields],
    [400, 'invalid', 'Look again.', 'r1', { email: 'one' }],
  );
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
    'https://example.com': 'https://example.com',
    ' example.com ': 'https://example.com',
    'https://Example.COM/': 'https://example.com',
    'http://example.com:8080': 'http://example.com:8080',
    'https://example.com:443': 'https://example.com',
    'localhost:3000': 'http://localhost:3000',
    'http://127.0.0.1:3001': 'http://127.0.0.1:3001',
    'münchen.example': 'https://xn--mnchen-3ya.example',
    'https://www.example.com/contact?x=1': 'https://www.example.com',
    'example.com/shop#top': 'https://example.com',
    'example.com?next=https://a.example': 'https://example.com',
  };
  for (const [typed, origin] of Object.entries(good)) assert.deepEqual(toOrigin(typed), { origin }, typed);
  for (const typed of [
    '',
    '   ',
    'example',
    'ftp://example.com',
    'javascript:alert(1)',
    '/shop',
    'https://a:b@example.com',
    'https://*.example.com',
    'two words.com',
    'https://',
  ]) {
    assert.ok('error' in toOrigin(typed), typed);
  }
});

test('check: www. and the bare name are a pair, and nothing else is', () => {
  const pairs: Record<string, string | null> = {
    'https://example.com': 'https://www.example.com',
    'https://www.example.com': 'https://example.com',
    'http://shop.example.com:8080': 'http://www.shop.example.com:8080',
    'https://www.example': null,
    'http://127.0.0.1:3001': null,
    'http://[::1]:3001': null,
    'http://localhost:3001': null,
  };
  for (const [origin, pair] of Object.entries(pairs)) assert.equal(wwwPair(origin), pair, origin);
});

test('check: email and password are lenient, but not empty', () => {
  assert.equal(emailProblem('a@b.co'), null);
  for (const typed of ['', 'a', 'a@b', 'a b@c.de', '@c.de']) assert.ok(emailProblem(typed), typed);
  assert.equal(passwordProblem('12345678'), null);
  assert.equal(passwordProblem('🙂🙂🙂🙂🙂🙂🙂🙂'), null);
  assert.match(passwordProblem('🙂🙂🙂🙂')!, /8 characters/);
});

test('format: an unknown rate is a dash, a small one keeps its place', () => {
  assert.equal(percent(null), '–');
  assert.match(percent(0.0839), /8[.,]4/);
  const now = Date.parse('2026-11-23T12:00:00Z');
  assert.notEqual(ago('2026-11-23T11:57:00Z', now), ago('2026-11-23T12:03:00Z', now));
  assert.equal(localInput(new Date(2026, 0, 5, 7, 3)), '2026-01-05T07:03');
});

test('headers: the template’s policy is the strict one that these tests run under', () => {
  const headers = pageHeaders();
  assert.match(headers['content-security-policy']!, /default-src 'none'.*trusted-types mi-connect-worker$/);
  assert.doesNotMatch(headers['content-security-policy']!, /unsafe/);
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.match(headers['permissions-policy']!, /camera=\(\)/);
});
