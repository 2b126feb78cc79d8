import type { SeriesEntry, Statistics } from '../../lib/api.gen';
import { number, percent } from '../../lib/format';
import { Table } from '../../ui/table';

const SHOWN = 10;
/** How many a day names (MaxBreakdown in shared/connect). */
const NAMED = 50;
const DEVICES: Record<string, string> = { phone: 'Phone', tablet: 'Tablet', desktop: 'Computer', computer: 'Computer' };

const KINDS: { by: keyof Statistics['breakdowns']; title: string; column: string; name: (key: string) => string }[] = [
  { by: 'page', title: 'Pages', column: 'Page', name: (key) => (key === 'other' ? 'Other pages' : key || '/') },
  {
    by: 'source',
    title: 'Sources',
    column: 'Source',
    name: (key) => (key === 'other' ? 'Other sources' : key === '' || key === 'direct' ? 'Direct / unknown' : key),
  },
  {
    by: 'device',
    title: 'Devices',
    column: 'Device',
    name: (key) => DEVICES[key] ?? (key === '' || key === 'other' ? 'Other devices' : key),
  },
];

export function Breakdowns({ of }: { of: Statistics['breakdowns'] }) {
  return (
    <div class="breakdowns">
      {KINDS.map((kind) => (
        <Breakdown key={kind.by} kind={kind} rows={of[kind.by]} />
      ))}
    </div>
  );
}

/** The first rows, and all others in one. */
function shownOf(rows: SeriesEntry[]): SeriesEntry[] {
  const named = rows.filter((row) => row.key !== 'other');
  const rest = [...named.slice(SHOWN), ...rows.filter((row) => row.key === 'other')];
  const sum = (step: 'impressions' | 'opens' | 'submits') => rest.reduce((all, row) => all + row[step], 0);
  const other = { key: 'other', impressions: sum('impressions'), opens: sum('opens'), submits: sum('submits') };
  return rest.length > 0 ? [...named.slice(0, SHOWN), other] : named;
}

/** A rate is stated where what may be missing could not change it much. */
function rateOf({ impressions, submits, uncertainty = 0 }: SeriesEntry): string {
  return percent(impressions && uncertainty <= impressions / 20 ? submits / impressions : null);
}

function Breakdown({ kind, rows }: { kind: (typeof KINDS)[number]; rows: SeriesEntry[] }) {
  const shown = shownOf(rows);
  const noun = kind.title.toLowerCase();
  return (
    <section class="card" aria-labelledby={`by-${kind.by}`}>
      <h2 id={`by-${kind.by}`}>{kind.title}</h2>
      {rows.length === 0 && <p class="muted">No data yet.</p>}
      {rows.length > 0 && (
        <Table
          caption={`Visits by ${kind.column.toLowerCase()}`}
          head={[kind.column, 'Saw', 'Opened', 'Requested', 'Rate']}
          rows={shown.map((row) => [
            <span class="cell-name" title={row.key}>
              {kind.name(row.key)}
              {row.uncertainty ? <span class="small muted uncertain">up to {number(row.uncertainty)} more</span> : null}
            </span>,
            number(row.impressions),
            number(row.opens),
            number(row.submits),
            rateOf(row),
          ])}
        />
      )}
      {shown.some((row) => row.uncertainty) && (
        <p class="small muted">
          We list up to {NAMED} {noun} a day. On busier days, some visits to {noun} marked “up to … more” are counted
          under {kind.name('other')}. Figures are never too high, and {noun} with more than 2% of visits are always
          listed.
        </p>
      )}
    </section>
  );
}
