// The published policy against a real browser, both ways: in every state a person can bring our pages and
// a customer's page into, nothing is kept and nobody is contacted that the manifest does not list, and
// everything it lists is seen. Then: what the run has logged, and what it has left in the tables.
import { after, before, describe } from 'node:test';
import { Crawler } from './policy/crawler.ts';
import { instruments } from './policy/instruments.ts';
import { asPublished } from './policy/manifest.ts';
import { member } from './policy/member.ts';
import { notice } from './policy/notice.ts';
import { remains } from './policy/remains.ts';
import { visitor } from './policy/visitor.ts';

// In this order: each part continues with what those before it have left.
describe('the policy tells the truth', { timeout: 300_000 }, () => {
  const crawler = new Crawler();
  before(() => crawler.start());
  after(() => crawler.stop());

  instruments(crawler);
  notice(crawler);
  visitor(crawler);
  member(crawler);
  asPublished(crawler);
  remains(crawler);
});
