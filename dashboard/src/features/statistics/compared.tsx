import { call } from '../../lib/api';
import type { Count, Site } from '../../lib/api.gen';
import { type Difference, differs } from '../../lib/difference';
import { number, percent } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Failed, Loading } from '../../ui/states';
import { Table } from '../../ui/table';
import { dayIn, earlier, type Range, spanName } from './range';

const REFRESH = 60_000;

const WORDS: Record<Difference, string> = {
  higher: 'Higher',
  lower: 'Lower',
  'no clear difference': 'No clear difference',
  'too few': 'Too few to judge',
};

const RATES: { name: string; part: keyof Count; whole: keyof Count }[] = [
  { name: 'Opened, of visits that saw it', part: 'opens', whole: 'impressions' },
  { name: 'Requested, of visits that opened it', part: 'submits', whole: 'opens' },
  { name: 'Requested, of all visits', part: 'submits', whole: 'impressions' },
];

/** A range beside an earlier one. A rate is said to differ only where chance would hardly make it. */
export function Compared({ site, range, now }: { site: Site; range: Range; now: Count }) {
  const span = range.compare && earlier(range, range.compare);
  return span && <Beside key={site.id} site={site} range={range} now={now} span={span} />;
}

function Beside(props: { site: Site; range: Range; now: Count; span: { from: string; to: string } }) {
  const { site, range, now, span } = props;
  const { data, error, reload } = useLoad(
    `compared ${site.id} ${span.from} ${span.to}`,
    (signal) => call('GET', '/v1/sites/{id}/stats', { path: { id: site.id }, query: { ...span, by: 'month' }, signal }),
    REFRESH,
  );
  const before = data?.totals;
  return (
    <section class="card compared" aria-labelledby="compared-title">
      <div class="card-head">
        <h2 id="compared-title">Compared with {range.compare === 'year' ? 'the year before' : 'the period before'}</h2>
        <p class="small muted">{spanName(span)}</p>
      </div>
      {error && !data && <Failed error={error} retry={reload} />}
      {!data && !error && <Loading what="Loading the earlier period" rows={3} />}
      {before && before.impressions === 0 && <p class="muted">No visits were counted in that period.</p>}
      {before && before.impressions > 0 && (
        <>
          <Table
            caption="This period and the earlier one"
            head={['Step', 'This period', 'Earlier', 'Difference']}
            rows={[
              ['Visits that saw the widget', number(now.impressions), number(before.impressions), '–'],
              ...RATES.map(({ name, part, whole }) => [
                name,
                percent(now[whole] ? now[part] / now[whole] : null),
                percent(before[whole] ? before[part] / before[whole] : null),
                WORDS[differs({ k: now[part], n: now[whole] }, { k: before[part], n: before[whole] })],
              ]),
            ]}
          />
          <p class="small muted compared-note">
            A rate is called higher or lower only if chance would make such a difference less than once in 100 times.
            {range.to === dayIn(site.timeZone, new Date()) && ' Today is included so far.'}
          </p>
        </>
      )}
    </section>
  );
}
