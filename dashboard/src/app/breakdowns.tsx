import { useRef } from 'preact/hooks';
import { number, percent } from '../format';
import { useLoad } from '../load';
import type { RangeId } from '../range';
import type { By, Counts, Site, Slot } from '../types';
import { Table } from '../ui/table';
import { loadStats } from './overview';

const SHOWN = 10;
const DEVICES: Record<string, string> = { phone: 'Phone', tablet: 'Tablet', desktop: 'Computer', computer: 'Computer' };

const KINDS: { by: By; title: string; column: string; name: (key: string) => string }[] = [
  { by: 'page', title: 'Pages', column: 'Page', name: (key) => (key === 'other' ? 'Other pages' : key || '/') },
  { by: 'source', title: 'Sources', column: 'Source', name: (key) => (key === 'other' ? 'Other sources' : key === '' || key === 'direct' ? 'Direct or unknown' : key) },
  { by: 'device', title: 'Devices', column: 'Device', name: (key) => DEVICES[key] ?? (key === '' || key === 'other' ? 'Other devices' : key) },
];

export function Breakdowns({ site, range, totals }: { site: Site; range: RangeId; totals: Counts }) {
  return (
    <div class="breakdowns">
      {KINDS.map((kind) => <Breakdown key={kind.by} kind={kind} site={site} range={range} totals={totals} />)}
    </div>
  );
}

function Breakdown({ kind, site, range, totals }: { kind: (typeof KINDS)[number]; site: Site; range: RangeId; totals: Counts }) {
  // Asked for again only when the totals moved: most refreshes cost one call, not four.
  const sum = `${totals.impressions} ${totals.opens} ${totals.submits}`;
  const { data, error } = useLoad(`${kind.by} ${site.id} ${range} ${sum}`, (signal) => loadStats(site, range, kind.by, signal));
  const last = useRef<{ range: RangeId; rows: Slot[] }>(undefined);
  if (data) last.current = { range, rows: [...data.series].sort((a, b) => b.impressions - a.impressions) };
  const rows = last.current?.range === range ? last.current.rows : undefined;
  return (
    <section class="card" aria-labelledby={`by-${kind.by}`}>
      <h2 id={`by-${kind.by}`}>{kind.title}</h2>
      {!rows && <p class="muted small">{error ? error.detail : 'Loading…'}</p>}
      {rows && rows.length === 0 && <p class="muted">Nothing yet.</p>}
      {rows && rows.length > 0 && (
        <Table
          caption={`Visits by ${kind.column.toLowerCase()}`}
          head={[kind.column, 'Saw', 'Opened', 'Asked', 'Rate']}
          rows={rows.slice(0, SHOWN).map((row) => [
            <span class="cell-name" title={row.key}>{kind.name(row.key)}</span>,
            number(row.impressions),
            number(row.opens),
            number(row.submits),
            percent(row.impressions ? row.submits / row.impressions : null),
          ])}
        />
      )}
    </section>
  );
}
