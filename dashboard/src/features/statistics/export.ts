import type { BreakdownRow, PromiseGroup, PromiseReport, Statistics } from '../../lib/api.gen';
import { csv, save } from '../../lib/save';
import { GROUPS } from './range';

const HEAD = [
  'Table',
  'Name',
  'From',
  'To',
  'Saw the widget',
  'Opened it',
  'Requested a call',
  'Opened and requested from',
  'Opened and requested to',
  'Some months left out',
  'Called in time',
  'Called late',
];

type Figure = string | number | null;

/**
 * What the page shows of a period as one table. Opened and requested are those that the page tells: of a page, source
 * or device only for the months named beside them, and empty where they are too few.
 */
export function statisticsTable(stats: Statistics, promises: PromiseReport): string {
  const { from, to, totals, breakdowns, filtered } = stats;
  const unit = GROUPS.find((one) => one.by === stats.by)!.label;
  const rowOf = (span: { from: string; to: string }, table: string, name: string, figures: Figure[]): string[] => {
    const cells = [table, name, span.from, span.to, ...figures.map((one) => `${one ?? ''}`)];
    return [...cells, ...Array<string>(HEAD.length - cells.length).fill('')];
  };
  const row = (table: string, name: string, ...figures: Figure[]) => rowOf(stats, table, name, figures);
  const visits = (table: string, name: string, of: typeof totals) =>
    row(table, name, of.impressions, of.opens, of.submits, from, to);
  const part = (table: string) => (one: BreakdownRow) => {
    const { divided } = breakdowns;
    const left = one.wholeOpens && one.wholeSubmits ? '' : 'yes';
    return row(table, one.key, one.impressions, one.opens, one.submits, divided.from, divided.to, left);
  };
  // Those of a long period are of its last days only: they say of which.
  const promised = (table: string, name: string, { kept, broken }: PromiseGroup['figures']) =>
    rowOf(promises, table, name, ['', '', '', '', '', '', kept, broken]);
  const rows = [
    visits('Total', '', totals),
    ...stats.series.map((one) => visits(unit, one.key, one)),
    ...breakdowns.page.map(part('Page')),
    ...breakdowns.source.map(part('Source')),
    ...breakdowns.device.map(part('Device')),
    ...Object.entries(filtered.reasons).map(([reason, n]) => row('Not counted', reason, n)),
    promised('Promised calls', '', promises.total),
    ...promises.departments.map((one) => promised('Promised calls by department', one.key, one.figures)),
    ...promises.hours.map((one) => promised('Promised calls by hour', one.key, one.figures)),
    ...promises.days.map((one) => promised('Promised calls by day', one.key, one.figures)),
  ];
  return csv(HEAD, rows);
}

/** Saves a period as a table for spreadsheets, or for programs as the API returns it. */
export function saveStatistics(format: 'csv' | 'json', stats: Statistics, promises: PromiseReport): void {
  const name = `statistics-${stats.from}-${stats.to}.${format}`;
  // The mark before it tells spreadsheets that it is UTF-8.
  if (format === 'csv') save(name, 'text/csv;charset=utf-8', `\uFEFF${statisticsTable(stats, promises)}`);
  else save(name, 'application/json', `${JSON.stringify({ statistics: stats, promises }, null, 2)}\n`);
}
