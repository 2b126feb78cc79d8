import type {
  BreakdownRow,
  Count,
  PromiseFigures,
  PromiseReport,
  SeriesEntry,
  Statistics,
} from '../../src/lib/api.gen';
import type { Routes, SiteCall } from './routes';

const SOURCES = ['direct', 'google.com', 'newsletter', 'bing.com'];
const DEVICES = ['phone', 'desktop', 'tablet'];
const PAGES = ['/', '/pricing', '/contact', '/treatments/implants-and-bridges-in-one-visit'];

export const ofSite: Routes<SiteCall> = {
  'GET /v1/sites/{id}/stats': (call) => ({ status: 200, body: statistics(call) }),
  'GET /v1/sites/{id}/promises': (call) => ({ status: 200, body: promises(call) }),
};

/** A site without visits has no requests either; one with some keeps nine promises of ten. */
function promises({ world, site, query }: SiteCall): PromiseReport {
  const to = query.get('to') ?? new Date().toISOString().slice(0, 10);
  const from = query.get('from') ?? to;
  const n = Math.min(world.totals.get(site.id)!.submits, 120);
  const figures = (decided: number): PromiseFigures => {
    const broken = Math.floor(decided / 10);
    const [rate, margin] = [decided ? (decided - broken) / decided : null, decided ? 1 / Math.sqrt(decided + 4) : 0];
    return {
      kept: decided - broken,
      broken,
      cancelled: Math.floor(decided / 20),
      notCalled: Math.floor(broken / 4),
      rate,
      low: rate === null ? null : Math.max(0, rate - margin),
      high: rate === null ? null : Math.min(1, rate + margin / 2),
      enough: decided >= 20,
      medianLate: broken ? 4 : null,
      ninetiethLate: broken ? 65 : null,
    };
  };
  const group = (keys: string[], each: number) => (n ? keys.map((key) => ({ key, figures: figures(each) })) : []);
  return {
    site: site.id,
    timeZone: site.timeZone,
    from,
    to,
    total: figures(n),
    days: group([from, to], Math.floor(n / 2)),
    hours: group(['09', '10', '11', '14', '16'], Math.floor(n / 5)),
    departments: group(['', 'Sales'], Math.floor(n / 2)),
  };
}

function statistics({ world, site, query }: SiteCall): Statistics {
  const by = (query.get('by') ?? 'day') as Statistics['by'];
  const to = query.get('to') ?? new Date().toISOString().slice(0, 10);
  const from = query.get('from') ?? new Date(Date.parse(to) - 29 * 86_400_000).toISOString().slice(0, 10);
  const before = Date.parse(to) < Date.now() - 86_400_000;
  const totals = (before && world.earlier) || world.totals.get(site.id)!;
  const months = wholeMonths(from, to);
  const divided = (keys: string[]): BreakdownRow[] => {
    const weights = keys.map((_, i) => 1 / (i + 1));
    const entries = totals.impressions ? spread(keys, weights, totals) : [];
    return entries.map(({ key, impressions, opens, submits }) => ({
      key,
      impressions,
      ...(world.uncertain[key] && { uncertainty: world.uncertain[key] }),
      of: impressions,
      opens: opens < 5 ? null : opens,
      submits: submits < 5 ? null : submits,
      wholeOpens: opens >= 5,
      wholeSubmits: submits >= 5 && key !== '/contact',
    }));
  };
  const breakdowns = {
    divided: months,
    page: divided([...PAGES, ...world.morePages, 'other']),
    source: divided(SOURCES),
    device: divided(DEVICES),
  };
  const { impressions, opens, submits } = totals;
  const rate = (n: number, of: number) => (of ? n / of : null);
  return {
    site: site.id,
    timeZone: site.timeZone,
    from,
    to,
    by,
    totals,
    rates: { open: rate(opens, impressions), submit: rate(submits, opens), overall: rate(submits, impressions) },
    enough: impressions >= 30,
    series: overTime(by, from, to, totals),
    filtered: { total: Object.values(world.filtered).reduce((sum, n) => sum + n, 0), reasons: world.filtered },
    breakdowns,
  };
}

/** The whole months of a span that are over, or the last one before it ends. */
function wholeMonths(from: string, to: string): { from: string; to: string } {
  const day = (y: number, m: number, d: number) => new Date(Date.UTC(y, m, d)).toISOString().slice(0, 10);
  const after = new Date(Date.parse(to) + 86_400_000);
  const [year, month] = [after.getUTCFullYear(), after.getUTCMonth()];
  const end = day(year, month, 0);
  const first = day(Number(from.slice(0, 4)), Number(from.slice(5, 7)) - (from.endsWith('-01') ? 1 : 0), 1);
  return { from: first < end ? first : day(year, month - 1, 1), to: end };
}

function overTime(by: Statistics['by'], from: string, to: string, totals: Count): SeriesEntry[] {
  const all: string[] = [];
  for (let t = Date.parse(from); t <= Date.parse(to); t += 86_400_000) {
    const day = new Date(t).toISOString().slice(0, 10);
    const monday = new Date(t - ((new Date(t).getUTCDay() + 6) % 7) * 86_400_000).toISOString().slice(0, 10);
    if (by === 'hour') for (let h = 0; h < 24; h++) all.push(`${day}T${String(h).padStart(2, '0')}`);
    else all.push({ day, week: monday, month: day.slice(0, 7) }[by]);
  }
  const keys = [...new Set(all)];
  const weights = keys.map((_, i) => {
    const night = by === 'hour' && (i % 24 < 7 || i % 24 > 20);
    return Math.max(0, 6 + 4 * Math.sin(i * 1.3) + 3 * Math.sin(i / 4) - (night ? 12 : 0));
  });
  return spread(keys, weights, totals);
}

/** Divides totals over keys by weight, whole and adding up. */
function spread(keys: string[], weights: number[], totals: Count): SeriesEntry[] {
  const all = weights.reduce((sum, w) => sum + w, 0) || 1;
  const part = (n: number) => {
    let seen = 0;
    let given = 0;
    return weights.map((w) => {
      seen += w;
      const upTo = Math.round((n * seen) / all);
      const mine = upTo - given;
      given = upTo;
      return mine;
    });
  };
  const [a, b, c] = [part(totals.impressions), part(totals.opens), part(totals.submits)];
  return keys.map((key, i) => ({ key, impressions: a[i]!, opens: b[i]!, submits: c[i]! }));
}
