import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPages } from '../../shared/policy/globals.mjs';
import { pageAddress, sourceOf } from '../src/address';
import { check, errorsOf, requestOf, typedIn } from '../src/request';
import { read, write } from '../src/storage';
import { idOf, isVisit, randomId, stepsOf, withSteps } from '../src/visit';

const id = 'AbCdEfGhIjKlMnOpQrStUw';

test('a visit is 22 letters, then the steps that were reported', () => {
  for (const good of [id, id + '.i', id + '.io', id + '.ios']) assert.ok(isVisit(good), good);
  for (const bad of [
    null,
    undefined,
    '',
    'x',
    id + '.',
    id + '.x',
    id + 'i',
    id.slice(1),
    id + '.i\n',
    '{}',
    id.replace('A', '+'),
  ])
    assert.ok(!isVisit(bad), String(bad));
  assert.equal(withSteps(id, 'i'), id + '.i');
  assert.equal(withSteps(id + '.i', 'os'), id + '.ios');
  assert.equal(idOf(id + '.io'), id);
  assert.equal(stepsOf(id + '.io'), 'io');
  assert.equal(stepsOf(id), '');
});

test('ids are 128 random bits in base64url', () => {
  const ids = new Set(Array.from({ length: 2000 }, randomId));
  assert.equal(ids.size, 2000);
  for (const one of ids) {
    assert.ok(isVisit(one));
    assert.equal(Buffer.from(one, 'base64url').length, 16);
  }
});

test('a page is told without query and fragment, and never at length', () => {
  const url = new URL('https://acme.example/shop/taps?email=a@b.example#name');
  assert.equal(pageAddress(url), 'https://acme.example/shop/taps');
  assert.equal(pageAddress({ origin: 'https://a.example', pathname: '/' + 'x'.repeat(5000) }).length, 1024);
});

test('the source is the campaign, else another site', () => {
  const at = (search: string) => ({ search, hostname: 'acme.example' });
  const cases: [string, string, string | undefined][] = [
    ['', '', undefined],
    ['', 'https://acme.example/other', undefined],
    ['', 'https://www.google.com/search?q=private', 'www.google.com'],
    ['', 'http://localhost:8080/', 'localhost'],
    ['', 'android-app://com.example', undefined],
    ['?utm_source=news_letter-1.2', 'https://www.google.com/', 'news_letter-1.2'],
    ['?a=1&utm_source=bing&b=2', '', 'bing'],
    ['?utm_source=anna@home.example', 'https://www.google.com/', 'www.google.com'],
    ['?utm_source=' + 'x'.repeat(65), '', undefined],
    ['?utm_source=%3Cscript%3E', '', undefined],
    ['?my_utm_source=x', '', undefined],
  ];
  for (const [search, referrer, want] of cases)
    assert.equal(sourceOf(at(search), referrer), want, search + ' ' + referrer);
});

test('typing is trimmed, what is empty is left out, a time counts only when chosen', () => {
  assert.deepEqual(
    typedIn([
      ['name', ' Anna '],
      ['email', '  '],
      ['later', ''],
      ['at', '2030-01-01T10:00'],
    ]),
    { name: 'Anna' },
  );
  assert.deepEqual(
    typedIn([
      ['later', 'yes'],
      ['at', '2030-01-01T10:00'],
    ]),
    { later: 'yes', at: '2030-01-01T10:00' },
  );
});

test('the form is checked leniently', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const good = { name: 'Anna', phone: '020 7946 0123' };
  assert.deepEqual(check(good, now), {});
  assert.deepEqual(Object.keys(check({}, now)), ['name', 'phone']);
  for (const phone of ['+44 (0)20 7946-0123 ext 4', '123456', '٠١٢٣٤٥'])
    assert.deepEqual(check({ ...good, phone }, now), {}, phone);
  for (const phone of ['12345', 'call me', '1-2-3-4-5']) assert.ok(check({ ...good, phone }, now).phone, phone);
  assert.ok(check({ ...good, email: 'anna' }, now).email);
  assert.deepEqual(check({ ...good, email: 'a@b.example' }, now), {});
  assert.ok(check({ ...good, later: 'yes' }, now).at);
  assert.ok(check({ ...good, later: 'yes', at: '2020-01-01T10:00' }, now).at);
  assert.deepEqual(check({ ...good, later: 'yes', at: '2030-01-01T10:00' }, now), {});
});

test('a chosen time is told as RFC 3339, and the choice itself is not told', () => {
  const told = requestOf({ name: 'Anna', phone: '1', later: 'yes', at: '2030-01-01T10:00' }) as { at: string };
  assert.deepEqual(Object.keys(told), ['name', 'phone', 'at']);
  assert.equal(Date.parse(told.at), new Date('2030-01-01T10:00').getTime());
  assert.match(told.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("the server's errors go to the fields the form has", () => {
  const fields = { name: 1, phone: 1 };
  assert.deepEqual(errorsOf({}, fields), {});
  assert.deepEqual(
    errorsOf(
      {
        errors: [
          { field: 'phone', message: 'No.' },
          { field: 'site', message: 'x' },
        ],
      },
      fields,
    ),
    { phone: 'No.' },
  );
});

test('no key but those that the policy publishes for customers’ pages is read or written', () => {
  asPages('site');
  const kept = new Map<string, string>();
  const area = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  Object.assign(globalThis, { window: { sessionStorage: area, localStorage: area } });
  kept.set('other', 'secret');
  for (const key of ['other', 'mc_token', 'constructor', '__proto__', 'toString']) {
    write(key as 'mc_session', 'x');
    assert.equal(read(key as 'mc_session'), undefined, key);
  }
  assert.deepEqual([...kept], [['other', 'secret']]);
  write('mc_session', 'x');
  write('mc_cookies', 'y');
  assert.deepEqual([read('mc_session'), read('mc_cookies')], ['x', 'y']);
  write('mc_session', '');
  assert.equal(read('mc_session'), null);
});
