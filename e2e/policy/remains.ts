import assert from 'node:assert/strict';
import { it } from 'node:test';
import { leaks, lines } from '../quiet.ts';
import { register } from '../register.ts';
import { tables } from '../tables.ts';
import { type Crawler, owner, print, visitor } from './crawler.ts';

/** What the run has logged, and what it has left in the tables. */
export function remains(crawler: Crawler): void {
  it('leaves nothing personal in a log, and nothing in a table without a reason', async () => {
    // What the pages do not reach: every kind of write, once more, from outside.
    const call = (method: string, path: string, body?: object | string, headers: Record<string, string> = {}) =>
      fetch(crawler.stack.origin + path, {
        method,
        headers: { 'content-type': 'application/json', 'user-agent': 'Mozilla/5.0 AppleWebKit/537.36', ...headers },
        body: typeof body === 'object' ? JSON.stringify(body) : body,
      });
    const { token } = (await (await call('POST', '/v1/login', owner)).json()) as { token: string };
    crawler.seen.secrets.add(token);
    const beacon = {
      site: crawler.site.key,
      session: 'abcdefghijklmnopqrstuv',
      page: '/a/ada@crawl.example/07700900456',
      source: 'news.example',
      events: [{ type: 'submit', t: 1 }],
    };
    crawler.seen.secrets.add(beacon.session);
    for (const headers of [
      { origin: crawler.stack.demo },
      { origin: 'https://foreign.example' },
      { origin: crawler.stack.demo, 'user-agent': 'Googlebot' },
    ]) {
      assert.equal((await call('POST', '/v1/events', beacon, headers as Record<string, string>)).status, 202);
    }
    const wish = {
      site: crawler.site.key,
      name: visitor.name,
      phone: visitor.phone,
      email: visitor.email,
      department: 'Sales',
      message: visitor.message,
      at: new Date(Date.now() + 3.6e6).toISOString(),
      page: `${crawler.stack.demo}/x?mail=${visitor.email}`,
    };
    const made = await call('POST', '/v1/callbacks', wish, {
      origin: crawler.stack.demo,
      'idempotency-key': 'crawl-key-0001',
    });
    assert.equal(made.status, 201);
    const { id, manageUrl } = (await made.json()) as { id: string; manageUrl: string };
    const own = new URL(manageUrl).searchParams.get('token')!;
    crawler.seen.secrets.add(own);
    assert.equal(
      (
        await call(
          'PATCH',
          `/v1/sites/${crawler.site.id}/callbacks/${id}`,
          { status: 'missed' },
          { authorization: `Bearer ${token}` },
        )
      ).status,
      200,
    );
    // Refusals are logged too.
    for (const [method, path, body] of [
      ['POST', '/v1/callbacks', { ...wish, phone: 'not a number', email: 'not@' }],
      ['POST', '/v1/login', { email: owner.email, password: 'wrong' }],
      ['POST', '/v1/register', { email: visitor.email }],
      ['GET', `/v1/callbacks/${own}x`, undefined],
      ['POST', '/v1/complaints', { email: visitor.email, message: '' }],
      ['POST', '/v1/consent', { revision: visitor.email, choice: visitor.e164 }],
      ['POST', `/v1/sites/${crawler.site.id}/erase`, { phone: visitor.phone }],
      ['POST', '/v1/events', `{"session": "${beacon.session}", broken`],
    ] as const) {
      assert.ok((await call(method, path, body)).status >= 400, path);
    }
    assert.equal((await call('POST', '/_local/invoke/SealFunction')).status, 200, 'the day is sealed');
    await new Promise((done) => setTimeout(done, 4000)); // streams
    await crawler.stack.end();

    const said = await lines(crawler.stack.output, crawler.stack.dataDir);
    const personal = [
      visitor.name,
      visitor.phone,
      visitor.phone.replace(' ', ''),
      visitor.e164,
      '770090045',
      visitor.email,
      visitor.message,
      owner.email,
      owner.password,
      'waiting@crawl',
    ];
    const found = leaks(said, [...personal, ...crawler.seen.secrets]);
    console.log(
      `${said.length} log lines searched for ${crawler.seen.secrets.size} logins, links and visits, ` +
        `${personal.length} personal texts and 4 shapes: ${found.length} found`,
    );
    assert.ok(said.filter((l) => l.includes('POST /v1/callbacks')).length > 2, 'the logs are there');
    assert.ok(crawler.seen.secrets.size > 10);
    assert.deepEqual(found, []);

    const known = register();
    const all = await tables(crawler.stack.dataDir);
    const rows: string[][] = [];
    const missing: string[] = [];
    for (const [table, items] of [...all].sort()) {
      const stored = new Set(items.flatMap((i) => Object.keys(i)));
      const reasons = known.get(table) ?? new Set<string>();
      for (const attribute of stored) if (!reasons.has(attribute)) missing.push(`${table}.${attribute}`);
      const unseen = [...reasons].filter((r) => !stored.has(r));
      rows.push([table, String(items.length), String(stored.size), unseen.join(', ')]);
    }
    print(['table', 'items', 'attributes stored', 'in the register, not in this run'], rows);
    assert.deepEqual(missing, [], 'docs/privacy.md gives no reason for these');
    for (const table of [
      'Accounts',
      'Credentials',
      'Sessions',
      'Marks',
      'Visits',
      'Stats',
      'Callbacks',
      'Outbox',
      'Complaints',
      'Consents',
    ]) {
      assert.ok(all.get(table)?.length, `${table} was written in this run`);
    }
  });
}
