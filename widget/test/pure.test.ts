import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asPages } from '../../shared/policy/globals.mjs';
import { pageAddress, sourceOf } from '../src/address';
import en from '../src/languages/en';
import { check, errorsOf, type Fields, requestOf, type Typed, typedIn } from '../src/request';
import { read, write } from '../src/storage';
import { isVisit, randomId } from '../src/visit';
import type { Said } from '../src/words';

const sentences = en as unknown as Said;
const id = 'AbCdEfGhIjKlMnOpQrStUw';

test('a visit is 22 letters, then marks', () => {
  for (const good of [id, id + '.k_1:i', id + '.k_1:i.k_2:o']) assert.ok(isVisit(good), good);
  for (const bad of [null, undefined, '', 'x', id + 'i', id.slice(1), id + '\n', '{}', id.replace('A', '+')])
    assert.ok(!isVisit(bad), String(bad));
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
  assert.equal(pageAddress(url, ''), 'https://acme.example/shop/taps');
  assert.equal(pageAddress(new URL('https://a.example/' + 'x'.repeat(5000)), '').length, 1024);
  assert.equal(pageAddress(new URL('about:srcdoc'), url.href), 'https://acme.example/shop/taps');
});

test('the source is the campaign, else the host that linked here', () => {
  const cases: [string, string, string | undefined][] = [
    ['', '', undefined],
    ['', 'https://www.google.com/search?q=private', 'www.google.com'],
    ['', 'http://localhost:8080/', 'localhost:8080'],
    ['?utm_source=news_letter-1.2', 'https://www.google.com/', 'news_letter-1.2'],
    ['?a=1&utm_source=bing&b=2', '', 'bing'],
    ['?utm_source=anna@home.example', 'https://www.google.com/', 'www.google.com'],
    ['?utm_source=' + 'x'.repeat(65), '', undefined],
    ['?utm_source=%3Cscript%3E', '', undefined],
    ['?my_utm_source=x', '', undefined],
  ];
  for (const [search, referrer, want] of cases) assert.equal(sourceOf(search, referrer), want, search + ' ' + referrer);
});

test('typing is trimmed, what is empty is left out, the free time counts only when chosen', () => {
  const typed = (...entries: [string, string][]) => typedIn(entries);
  const at = '2030-01-01T10:00';
  assert.deepEqual(typed(['name', ' Anna '], ['email', '  '], ['when', 'soon'], ['at', at]), {
    name: 'Anna',
    when: 'soon',
  });
  assert.deepEqual(typed(['when', 'later'], ['at', at]), { when: 'later', at });
  assert.deepEqual(typed(['when', '2030-01-01T10:00:00Z']), {
    when: '2030-01-01T10:00:00Z',
    at: '2030-01-01T10:00:00Z',
  });
});

test('the form is checked leniently', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const good = { name: 'Anna', phone: '020 7946 0123', when: 'soon' };
  const fields: Fields = { name: 'needed', email: 'optional', message: 'off' };
  const wrong = (typed: Typed, asked = fields) => check(typed, now, sentences, asked);
  assert.deepEqual(wrong(good), {});
  assert.deepEqual(Object.keys(wrong({})), ['name', 'phone', 'at']);
  for (const phone of ['+44 (0)20 7946-0123 ext 4', '123456', '٠١٢٣٤٥'])
    assert.deepEqual(wrong({ ...good, phone }), {}, phone);
  for (const phone of ['12345', 'call me', '1-2-3-4-5']) assert.ok(wrong({ ...good, phone }).phone, phone);
  assert.ok(wrong({ ...good, email: 'anna' }).email);
  assert.deepEqual(wrong({ ...good, email: 'a@b.example' }), {});
  assert.ok(wrong({ ...good, when: 'later' }).at);
  assert.ok(wrong({ ...good, when: 'later', at: '2020-01-01T10:00' }).at);
  assert.deepEqual(wrong({ ...good, when: 'later', at: '2030-01-01T10:00' }), {});
  const { name: _, ...nameless } = good;
  assert.deepEqual(wrong(nameless, { ...fields, name: 'optional' }), {});
  assert.deepEqual(Object.keys(wrong(good, { name: 'off', email: 'needed', message: 'needed' })), ['email', 'message']);
});

test('a chosen time is told as RFC 3339, and the choice itself is not told', () => {
  const told = requestOf({ name: 'Anna', phone: '1', when: 'later', at: '2030-01-01T10:00' }) as { at: string };
  assert.deepEqual(Object.keys(told), ['name', 'phone', 'at']);
  assert.equal(Date.parse(told.at), new Date('2030-01-01T10:00').getTime());
  assert.match(told.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("the server's errors go to the fields the form has, in the language of the form", () => {
  const inputs = { name: 1, phone: 1 };
  const problem = {
    errors: [
      { field: 'phone', message: 'No.' },
      { field: 'site', message: 'x' },
    ],
  };
  assert.deepEqual(errorsOf({}, inputs, sentences, true), {});
  assert.deepEqual(errorsOf(problem, inputs, sentences, true), { phone: 'No.' });
  assert.deepEqual(errorsOf(problem, inputs, sentences, false), { phone: sentences.needPhone });
});

test('no key but those that the policy publishes for customers’ pages is read or written', () => {
  asPages('site');
  const area: Record<string, string> = { other: 'secret' };
  Object.assign(globalThis, { window: { sessionStorage: area, localStorage: area } });
  for (const key of ['other', 'mc_token', 'constructor', '__proto__', 'toString']) {
    assert.equal(read(key as 'mc_session') ?? undefined, undefined, key);
  }
  write('mc_session', 'x');
  write('mc_cookies', 'y');
  assert.deepEqual([read('mc_session'), read('mc_cookies')], ['x', 'y']);
  write('mc_session', '');
  assert.equal(read('mc_session'), null);
  assert.deepEqual(area, { other: 'secret', mc_cookies: 'y' });
  write('other' as 'mc_session', 'x');
  assert.deepEqual(area, { other: 'secret', mc_cookies: 'y' });
  assert.equal(read('mc_cookies'), undefined, 'what has refused once is blocked');
});
