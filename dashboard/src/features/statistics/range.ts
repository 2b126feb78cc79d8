import type { GroupBy, SeriesEntry } from '../../lib/api.gen';

// Ranges are whole days of the site, so every reader sees the same figures.
export const RANGES = [
  { id: 'today', label: 'Today' },
  { id: '7d', label: '7 days' },
  { id: '30d', label: '30 days' },
  { id: 'month', label: 'Last month' },
  { id: '12m', label: '12 months' },
] as const;
export type RangeId = (typeof RANGES)[number]['id'];

export const rangeId = (value: string | null): RangeId => RANGES.find((range) => range.id === value)?.id ?? '30d';

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

export function span(id: RangeId, timeZone: string, now: Date): { from: string; to: string; by: GroupBy } {
  const to = dayIn(timeZone, now);
  if (id === 'today') return { from: to, to, by: 'hour' };
  if (id === '12m') {
    const first = new Date(`${to.slice(0, 7)}-01T00:00:00Z`);
    first.setUTCMonth(first.getUTCMonth() - 11);
    return { from: first.toISOString().slice(0, 10), to, by: 'day' };
  }
  if (id === 'month') {
    const last = addDays(`${to.slice(0, 7)}-01`, -1);
    return { from: `${last.slice(0, 7)}-01`, to: last, by: 'day' };
  }
  return { from: addDays(to, id === '7d' ? -6 : -29), to, by: 'day' };
}

/** Days summed into months, for a year that can be read. */
export function months(days: SeriesEntry[]): SeriesEntry[] {
  const sums = new Map<string, SeriesEntry>();
  for (const day of days) {
    const key = day.key.slice(0, 7);
    const sum = sums.get(key) ?? { key, impressions: 0, opens: 0, submits: 0 };
    sum.impressions += day.impressions;
    sum.opens += day.opens;
    sum.submits += day.submits;
    sums.set(key, sum);
  }
  return [...sums.values()];
}

/** "2026-11-23T14", "2026-11-23" or "2026-11" in words. Keys are the site's own clock: read as UTC, shown as UTC. */
export function slotName(key: string, long = false): string {
  if (key.length === 7)
    return format(`${key}-01T00:00Z`, { month: long ? 'long' : 'short', ...(long && { year: 'numeric' }) });
  if (key.length === 10)
    return format(`${key}T00:00Z`, { day: 'numeric', month: 'short', ...(long && { weekday: 'long' }) });
  return format(`${key}:00Z`, { hour: '2-digit', minute: '2-digit' });
}

function format(iso: string, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(undefined, { ...options, timeZone: 'UTC' }).format(new Date(iso));
}
