import { number, percent } from '../format';
import type { Slot, Stats } from '../types';
import { Table } from '../ui/table';

const SHOWN = 10;
const DEVICES: Record<string, string> = { phone: 'Phone', tablet: 'Tablet', desktop: 'Computer', computer: 'Computer' };

const KINDS: { by: keyof Stats['breakdowns']; title: string; column: string; name: (key: string) => string }[] = [
  { by: 'page', title: 'Pages', column: 'Page', name: (key) => (key === 'other' ? 'Other pages' : key || '/') },
  { by: 'source', title: 'Sources', column: 'Source', name: (key) => (key === 'other' ? 'Other sources' : key === '' || key === 'direct' ? 'Direct or unknown' : key) },
  { by: 'device', title: 'Devices', column: 'Device', name: (key) => DEVICES[key] ?? (key === '' || key === 'other' ? 'Other devices' : key) },
];

export function Breakdowns({ of }: { of: Stats['breakdowns'] }) {
  return (
    <div class="breakdowns">
      {KINDS.map((kind) => <Breakdown key={kind.by} kind={kind} rows={of[kind.by]} />)}
    </div>
  );
}

function Breakdown({ kind, rows }: { kind: (typeof KINDS)[number]; rows: Slot[] }) {
  return (
    <section class="card" aria-labelledby={`by-${kind.by}`}>
      <h2 id={`by-${kind.by}`}>{kind.title}</h2>
      {rows.length === 0 && <p class="muted">Nothing yet.</p>}
      {rows.length > 0 && (
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
