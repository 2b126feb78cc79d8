import assert from 'node:assert/strict';
import { it } from 'node:test';
import { manifest } from '../../shared/policy/build.mjs';
import { type Crawler, print } from './crawler.ts';

interface Listed {
  name: string;
  kind: string;
  pages: string[];
}

/** What was seen is what is published, and the other way round. */
export function asPublished(crawler: Crawler): void {
  it('is what the manifest says, both ways', () => {
    const states = [
      'nothing clicked',
      'accepted',
      'declined',
      'logged in',
      'checked out',
      'widget opened',
      'submitted',
      'objected',
      'GPC on',
      'GPC by header alone',
    ];
    const listed = manifest.storage as Listed[];
    const on = (pages: string) => (pages === 'own' ? 'our pages' : pages === 'site' ? 'customer’s page' : pages);
    const rows: string[][] = [];
    for (const entry of listed) {
      for (const pages of entry.pages) {
        const hits = crawler.seen.storage.filter(
          (s) => s.kind === entry.kind && s.name === entry.name && s.pages === pages,
        );
        rows.push([
          entry.name,
          entry.kind,
          on(pages),
          pages === 'payment'
            ? 'Stripe’s own page only'
            : states.filter((s) => hits.some((h) => h.state === s)).join(', ') || 'NEVER SEEN',
        ]);
      }
    }
    const unlisted = crawler.seen.storage.filter(
      (s) => !listed.some((e) => e.kind === s.kind && e.name === s.name && e.pages.includes(s.pages)),
    );
    for (const s of unlisted) rows.push([s.name, s.kind, on(s.pages), `${s.state}: NOT LISTED`]);

    const ours = new URL(crawler.stack.origin).host,
      customer = new URL(crawler.stack.demo).host;
    const hosts = (manifest.hosts as { host: string; pages: string[] }[]).map((h) => ({
      ...h,
      host: h.host.replace('{origin}', ours),
    }));
    for (const host of hosts) {
      for (const pages of host.pages) {
        const hits = crawler.seen.contacts.filter((c) => c.host === host.host && c.pages === pages);
        rows.push([
          host.host,
          'host',
          on(pages),
          pages === 'payment'
            ? 'Stripe’s own page only'
            : states.filter((s) => hits.some((h) => h.state === s)).join(', ') || 'NEVER SEEN',
        ]);
      }
    }
    // Stripe's stand-in on this machine answers for Stripe's own pages.
    const standIn = (c: { pages: string; host: string }) => c.pages === 'payment' && c.host === ours;
    const strangers = crawler.seen.contacts.filter(
      (c) =>
        !(c.pages === 'site' && c.host === customer) &&
        !standIn(c) &&
        !hosts.some((h) => h.host === c.host && h.pages.includes(c.pages)),
    );
    for (const c of strangers) rows.push([c.host, 'host', on(c.pages), `${c.state}: NOT LISTED`]);
    print(['what', 'kind', 'where', 'seen in'], rows);
    assert.deepEqual(
      rows.filter((r) => /NEVER SEEN|NOT LISTED/.test(r[3]!)),
      [],
    );
    // Nothing of Stripe's, nor of its stand-in here, but on Stripe's own page.
    const stripes = crawler.seen.contacts.filter(
      (c) => /(^|\.)stripe\.(com|network)$/.test(c.host) || c.path.startsWith('/_local/'),
    );
    assert.deepEqual(
      stripes.filter((c) => c.pages !== 'payment'),
      [],
    );
    console.log(`axe found nothing on ${crawler.axed.size} pages: ${[...crawler.axed].join(' ')}`);
  });
}
