import { call } from '../../lib/api';
import type { PromiseFigures, PromiseGroup, PromiseReport, Site } from '../../lib/api.gen';
import { number, percent } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Failed } from '../../ui/states';
import { Table } from '../../ui/table';
import { addDays, days, type Range, slotName } from './range';

const REFRESH = 60_000;
/** What the API reports of at most (maxDays in functions/dashboard). */
const LONGEST = 400;

/** Reads what became of the promises of a range, or of its last days where it is long. */
export function loadPromises(
  site: Site,
  range: { from: string; to: string },
  signal?: AbortSignal,
): Promise<PromiseReport> {
  const { to } = range;
  const from = days(range) <= LONGEST ? range.from : addDays(to, 1 - LONGEST);
  return call('GET', '/v1/sites/{id}/promises', { path: { id: site.id }, query: { from, to }, signal });
}

/** What became of the calls that were promised in a range: kept, how sure that is, and how late the rest was. */
export function Promises({ site, range }: { site: Site; range: Range }) {
  const short = days(range) <= LONGEST;
  const { data, error, reload } = useLoad(
    `promises ${site.id} ${range.from} ${range.to}`,
    (signal) => loadPromises(site, range, signal),
    REFRESH,
  );
  return (
    <section class="card promises" aria-labelledby="promises-title">
      <div class="card-head">
        <h2 id="promises-title">Promised calls</h2>
        {data && decided(data.total) > 0 && (
          <p class="funnel-overall">
            <strong>{percent(data.total.rate)}</strong> called in time
          </p>
        )}
      </div>
      {!short && <p class="small muted">Of the last {LONGEST} days of this period.</p>}
      {error && !data && <Failed error={error} retry={reload} />}
      {data && decided(data.total) + data.total.cancelled === 0 && (
        <p class="muted">
          No promised call was due in this period. What visitors are promised is set under{' '}
          <a href={`/app/sites/${site.id}/hours`}>Hours</a>.
        </p>
      )}
      {data && decided(data.total) + data.total.cancelled > 0 && <Figures report={data} />}
    </section>
  );
}

const decided = (f: PromiseFigures) => f.kept + f.broken;

function Figures({ report }: { report: PromiseReport }) {
  const { total } = report;
  const departments = report.departments.some((one) => one.key !== '') ? report.departments : [];
  return (
    <>
      <p>
        {number(total.kept)} of {calls(decided(total))} {decided(total) === 1 ? 'was' : 'were'} made in time.
        {total.broken > 0 && ` ${lateness(total)}`}
        {total.cancelled > 0 && ` ${number(total.cancelled)} cancelled in time by the visitor, and not counted.`}
      </p>
      {decided(total) > 0 && (
        <p class={total.enough ? 'small muted' : 'note'}>
          <strong>{total.enough ? 'How sure is that?' : 'Too few to judge.'}</strong>{' '}
          {total.enough
            ? `With ${calls(decided(total))}, the rate you can expect is between ${between(total)}.`
            : `One call more or less changes the rate a lot. It is likely to be between ${between(total)}.`}
        </p>
      )}
      <details class="as-table">
        <summary>Show by day, hour{departments.length > 0 && ' and department'}</summary>
        {departments.length > 0 && (
          <Groups caption="By department" head="Department" of={departments} name={(key) => key || 'All others'} />
        )}
        <Groups caption="By hour of the day" head="Due" of={report.hours} name={(key) => `${key}:00`} />
        <Groups caption="By day" head="Due" of={report.days.toReversed()} name={(key) => slotName(key, true)} />
      </details>
    </>
  );
}

function Groups(props: { caption: string; head: string; of: PromiseGroup[]; name: (key: string) => string }) {
  return (
    <Table
      caption={props.caption}
      shownCaption
      head={[props.head, 'In time', 'Late', 'Rate', 'Late by: half, 9 in 10']}
      rows={props.of.map(({ key, figures: f }) => [
        props.name(key),
        number(f.kept),
        number(f.broken),
        f.enough ? percent(f.rate) : 'too few',
        f.medianLate === null || f.ninetiethLate === null
          ? '–'
          : `${minutes(f.medianLate)}, ${minutes(f.ninetiethLate)}`,
      ])}
    />
  );
}

const calls = (n: number) => `${number(n)} promised ${n === 1 ? 'call' : 'calls'}`;

const between = (f: PromiseFigures) => `${percent(f.low)} and ${percent(f.high)}`;

/** "2 were late: half by 4 min or less, nine in ten by 11 min or less. 1 has not been made yet." */
function lateness(f: PromiseFigures): string {
  const has = f.notCalled === 1 ? 'has' : 'have';
  const missing = f.notCalled ? ` ${number(f.notCalled)} ${has} not been made yet.` : '';
  const late = `${number(f.broken)} ${f.broken === 1 ? 'was' : 'were'} late`;
  if (f.medianLate === null || f.ninetiethLate === null) return `${late}.${missing}`;
  const [half, most] = [minutes(f.medianLate), minutes(f.ninetiethLate)];
  return `${late}: half by ${half} or less, nine in ten by ${most} or less.${missing}`;
}

/** A lateness: "4 min", "2 h 5 min", "3 days". */
export function minutes(n: number): string {
  if (n < 60) return `${n} min`;
  if (n < 24 * 60) return n % 60 ? `${Math.floor(n / 60)} h ${n % 60} min` : `${n / 60} h`;
  const days = Math.round(n / (24 * 60));
  return days === 1 ? '1 day' : `${days} days`;
}
