import type { GroupBy } from '../../lib/api.gen';

// Ranges are whole days of the site, so every reader sees the same figures.
export const PRESETS = [
  { id: 'today', label: 'Today' },
  { id: '7d', label: '7 days' },
  { id: '30d', label: '30 days' },
  { id: 'mtd', label: 'This month' },
  { id: 'month', label: 'Last month' },
  { id: '12m', label: '12 months' },
  { id: 'all', label: 'All time' },
] as const;
export type PresetId = (typeof PRESETS)[number]['id'];

/** What a range is shown beside: the days before it, or the same days a year before. */
export type Compare = 'before' | 'year';

/** What is shown: a preset, or chosen days. */
export interface Range {
  preset: PresetId | null;
  compare: Compare | null;
  from: string;
  to: string;
  by: GroupBy;
}

/** How long a range may be by each (functions/dashboard/stats.go), and from how long on it is more than one. */
export const GROUPS: { by: GroupBy; label: string; unit: string; least: number; most: number }[] = [
  { by: 'hour', label: 'By hour', unit: 'Hour', least: 1, most: 7 },
  { by: 'day', label: 'By day', unit: 'Day', least: 2, most: 400 },
  { by: 'week', label: 'By week', unit: 'Week', least: 8, most: 3660 },
  { by: 'month', label: 'By month', unit: 'Month', least: 32, most: 3660 },
];

const LONGEST = 3660;

/** Of the site, as far as a range depends on it. */
interface Clock {
  timeZone: string;
  createdAt: string;
}

/** The range that an address names; anything that is none is the last 30 days. */
export function rangeOf(query: URLSearchParams, site: Clock, now: Date): Range {
  const today = dayIn(site.timeZone, now);
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  const preset = PRESETS.find((one) => one.id === query.get('range'))?.id ?? '30d';
  const chosen = !wrongDates(from, to);
  const span = chosen ? { from, to } : presetSpan(preset, today, dayIn(site.timeZone, new Date(site.createdAt)));
  const n = days(span);
  const by = groupsFor(n).find((one) => one.by === query.get('by'))?.by ?? usual(chosen ? null : preset, n);
  const compare = (['before', 'year'] as const).find((one) => one === query.get('compare')) ?? null;
  return { preset: chosen ? null : preset, compare, ...span, by };
}

/** The span that a range is compared with; null where there is none. */
export function earlier(range: Range, compare: Compare): { from: string; to: string } | null {
  if (range.preset === 'all') return null;
  const { from, to } = range;
  const monthly = range.preset === 'month' || range.preset === 'mtd';
  const back = { before: monthly ? 1 : 0, year: 12 }[compare];
  let span = { from: addDays(from, -days(range)), to: addDays(from, -1) };
  if (back) span = { from: monthsBefore(from, back), to: monthsBefore(to, back) };
  // A whole month is beside a whole one, however long each is.
  if (range.preset === 'month') span.to = addDays(monthsBefore(addDays(to, 1), back), -1);
  return wrongDates(span.from, span.to) ? null : span;
}

/** The same day some months before, or that month's last. */
function monthsBefore(day: string, months: number): string {
  const first = new Date(`${day.slice(0, 7)}-01T00:00:00Z`);
  first.setUTCMonth(first.getUTCMonth() - months + 1);
  const last = addDays(first.toISOString().slice(0, 10), -1);
  return addDays(`${last.slice(0, 7)}-01`, Math.min(Number(day.slice(8)), Number(last.slice(8))) - 1);
}

/** How a range of n days can be divided. */
export const groupsFor = (n: number) => GROUPS.filter((one) => n >= one.least && n <= one.most);

function usual(preset: PresetId | null, n: number): GroupBy {
  if (n === 1) return 'hour';
  if (preset === '12m' || n > 200) return 'month';
  return n > 92 ? 'week' : 'day';
}

/** The address of a range, which shows the same to whoever it is sent to. */
export function rangeQuery(range: Partial<Range>): string {
  const query = new URLSearchParams();
  if (range.preset) query.set('range', range.preset);
  else if (range.from && range.to) {
    query.set('from', range.from);
    query.set('to', range.to);
  }
  if (range.by) query.set('by', range.by);
  if (range.compare) query.set('compare', range.compare);
  return `?${query}`;
}

/** What is wrong with chosen days, if anything. */
export function wrongDates(from: string, to: string): { field: 'from' | 'to'; message: string } | undefined {
  const valid = (day: string) => /^\d{4}-\d\d-\d\d$/.test(day) && day >= '2020' && day < '2200' && real(day);
  if (!valid(from)) return { field: 'from', message: 'Enter a date from 2020 on.' };
  if (!valid(to)) return { field: 'to', message: 'Enter a date from 2020 on.' };
  if (from > to) return { field: 'to', message: 'Enter a day that isn’t before the first.' };
  return days({ from, to }) > LONGEST ? { field: 'from', message: 'Choose ten years or less.' } : undefined;
}

const real = (day: string) => new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;

/** How many days a range has, first and last counted. */
export const days = ({ from, to }: { from: string; to: string }): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / 86_400_000) + 1;

/** The date in a time zone, as YYYY-MM-DD. */
export function dayIn(timeZone: string, now: Date): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(now);
  const part = (type: string) => parts.find((p) => p.type === type)!.value;
  return `${part('year')}-${part('month')}-${part('day')}`;
}

export function addDays(day: string, days: number): string {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function presetSpan(id: PresetId, today: string, created: string): { from: string; to: string } {
  const month = `${today.slice(0, 7)}-01`;
  switch (id) {
    case 'today':
      return { from: today, to: today };
    case '7d':
      return { from: addDays(today, -6), to: today };
    case '30d':
      return { from: addDays(today, -29), to: today };
    case 'mtd':
      return { from: month, to: today };
    case 'month': {
      const last = addDays(month, -1);
      return { from: `${last.slice(0, 7)}-01`, to: last };
    }
    case '12m': {
      const first = new Date(`${month}T00:00:00Z`);
      first.setUTCMonth(first.getUTCMonth() - 11);
      return { from: first.toISOString().slice(0, 10), to: today };
    }
    case 'all': {
      const first = addDays(today, 1 - LONGEST);
      return { from: created > today ? today : created > first ? created : first, to: today };
    }
  }
}

/** The name of an entry of a series that is divided so. */
export function entryName(key: string, by: GroupBy, long = false): string {
  return by === 'week' && long ? `Week of ${dateName(key)}` : slotName(key, long);
}

/** "23 Nov 2026", or "1 Nov 2026 to 23 Nov 2026". */
export function spanName({ from, to }: { from: string; to: string }): string {
  return from === to ? dateName(from) : `${dateName(from)} to ${dateName(to)}`;
}

const dateName = (day: string) => format(`${day}T00:00Z`, { day: 'numeric', month: 'short', year: 'numeric' });

/** "2026-11-23T14", "2026-11-23" or "2026-11" in words. Keys are the site's own clock: read as UTC, shown as UTC. */
export function slotName(key: string, long = false): string {
  // On an axis, a year begins with its number.
  if (key.length === 7 && !long)
    return key.endsWith('-01') ? key.slice(0, 4) : format(`${key}-01T00:00Z`, { month: 'short' });
  if (key.length === 7) return format(`${key}-01T00:00Z`, { month: 'long', year: 'numeric' });
  if (key.length === 10)
    return format(`${key}T00:00Z`, { day: 'numeric', month: 'short', ...(long && { weekday: 'long' }) });
  return format(`${key}:00Z`, { hour: '2-digit', minute: '2-digit' });
}

function format(iso: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(new Date(iso));
}
