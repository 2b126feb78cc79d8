import { useState } from 'preact/hooks';
import type { BreakdownRow, Statistics, WholeMonths } from '../../lib/api.gen';
import { number, percent } from '../../lib/format';
import { judge } from '../../lib/rate';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Table } from '../../ui/table';
import { slotName } from './range';

const SHOWN = 10;
/** How many a day names (MaxBreakdown in shared/connect). */
const NAMED = 50;
const DEVICES: Record<string, string> = { phone: 'Phone', tablet: 'Tablet', desktop: 'Computer', computer: 'Computer' };

const KINDS: { by: 'page' | 'source' | 'device'; title: string; column: string; name: (key: string) => string }[] = [
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

export function Breakdowns({ of, from, to }: { of: Statistics['breakdowns']; from: string; to: string }) {
  const same = of.divided.from === from && of.divided.to === to;
  return (
    <div class="breakdowns">
      {KINDS.map((kind) => (
        <Breakdown key={kind.by} kind={kind} rows={of[kind.by]} months={monthsName(of.divided)} same={same} />
      ))}
    </div>
  );
}

/** "October 2026", or "January to October 2026". */
export function monthsName({ from, to }: WholeMonths): string {
  const [first, last] = [from.slice(0, 7), to.slice(0, 7)];
  return first === last ? slotName(first, true) : `${slotName(first, true)} to ${slotName(last, true)}`;
}

/** The first rows, and all others in one. */
function shownOf(rows: BreakdownRow[]): BreakdownRow[] {
  const named = rows.filter((row) => row.key !== 'other');
  const rest = [...named.slice(SHOWN), ...rows.filter((row) => row.key === 'other')];
  if (rest.length === 0) return named;
  const known = (step: 'opens' | 'submits') => {
    const told = rest.filter((row) => row[step] !== null);
    return told.length ? told.reduce((all, row) => all + row[step]!, 0) : null;
  };
  const other: BreakdownRow = {
    key: 'other',
    impressions: rest.reduce((all, row) => all + row.impressions, 0),
    of: rest.reduce((all, row) => all + row.of, 0),
    opens: known('opens'),
    submits: known('submits'),
    wholeOpens: rest.every((row) => row.wholeOpens),
    wholeSubmits: rest.every((row) => row.wholeSubmits),
  };
  return [...named.slice(0, SHOWN), other];
}

/** A count of opens or requests: "204", "204+" where months are left out of it, "–" where it isn't shown. */
function toldOf(n: number | null, whole: boolean): string {
  return n === null ? '–' : number(n) + (whole ? '' : '+');
}

/** A rate is stated where nothing is left out, what may be missing could not change it much, and there is enough. */
function rateOf({ impressions, of, submits, wholeSubmits, uncertainty = 0 }: BreakdownRow): string {
  const judged = submits !== null && wholeSubmits && uncertainty <= impressions / 20 ? judge(submits, of) : null;
  return judged?.sure === 'too few' ? 'too few' : percent(judged ? judged.rate : null);
}

interface Props {
  kind: (typeof KINDS)[number];
  rows: BreakdownRow[];
  months: string;
  same: boolean;
}

function Breakdown({ kind, rows, months, same }: Props) {
  const [all, showAll] = useState(false);
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const found = rows.filter((row) => kind.name(row.key).toLowerCase().includes(wanted));
  const shown = all ? found : shownOf(rows);
  const noun = kind.title.toLowerCase();
  return (
    <section class="card" aria-labelledby={`by-${kind.by}`}>
      <h2 id={`by-${kind.by}`}>{kind.title}</h2>
      {rows.length === 0 && <p class="muted">No data yet.</p>}
      {all && (
        <Field
          label={`Search ${noun}`}
          name={`search-${kind.by}`}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      )}
      {all && shown.length === 0 && <p class="muted">No {noun} match.</p>}
      {shown.length > 0 && (
        <Table
          caption={`Visits by ${kind.column.toLowerCase()}`}
          head={[kind.column, 'Saw', 'Opened', 'Requested', 'Rate']}
          rows={shown.map((row) => [
            <span class="cell-name" title={row.key}>
              {kind.name(row.key)}
              {row.uncertainty ? <span class="small muted uncertain">up to {number(row.uncertainty)} more</span> : null}
            </span>,
            number(row.impressions),
            toldOf(row.opens, row.wholeOpens),
            toldOf(row.submits, row.wholeSubmits),
            rateOf(row),
          ])}
        />
      )}
      {rows.length > SHOWN + 1 && (
        <Button
          small
          onClick={() => {
            showAll(!all);
            setSearch('');
          }}
        >
          {all ? `Show the first ${SHOWN}` : `Show all ${number(rows.length)} with search`}
        </Button>
      )}
      {rows.length > 0 && (
        <p class="small muted">
          {!same && `Opened, Requested and Rate are for ${months}. `}
          {kind.by === 'page' &&
            'So that no one can be recognised, they’re shown for whole months, and figures under five are left out.'}
        </p>
      )}
      {shown.some((row) => row.uncertainty) && (
        <p class="small muted">
          We list up to {NAMED} {noun} a day. On busier days, some visits to {noun} marked “up to … more” are in{' '}
          {kind.name('other')}. Figures are never too high, and {noun} with more than 2% of visits are always listed.
        </p>
      )}
    </section>
  );
}
