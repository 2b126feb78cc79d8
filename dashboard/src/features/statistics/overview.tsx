import { useRef } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Site, Statistics } from '../../lib/api.gen';
import { ownZone, zoneName } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { usePlace } from '../../lib/router';
import { ButtonLink } from '../../ui/button';
import { Empty, Failed, Loading, Stale } from '../../ui/states';
import { Breakdowns } from './breakdowns';
import { Compared } from './compared';
import { Download } from './download';
import { Filtered } from './filtered';
import { Funnel } from './funnel';
import { Promises } from './promises';
import { days, entryName, type Range, rangeOf } from './range';
import { RangeBar } from './range-bar';
import { TimeChart } from './time-chart';
import './statistics.css';

const REFRESH = 5000;
/** What is long, or over, changes little: it is read again once a minute. */
const SLOW_REFRESH = 60_000;

function loadStats(site: Site, { from, to, by }: Range, signal: AbortSignal): Promise<Statistics> {
  return call('GET', '/v1/sites/{id}/stats', { path: { id: site.id }, query: { from, to, by }, signal });
}

export function Overview({ site }: { site: Site }) {
  const { query } = usePlace();
  const range = rangeOf(query, site, new Date());
  const { data, error, reload } = useLoad(
    `stats ${site.id} ${range.preset ?? `${range.from} ${range.to}`} ${range.by}`,
    (signal) => loadStats(site, rangeOf(query, site, new Date()), signal),
    days(range) > 31 || range.preset === null || range.preset === 'month' ? SLOW_REFRESH : REFRESH,
  );
  // Until the new range has come, the old one stays, dimmed: nothing jumps.
  const last = useRef<{ stats: Statistics; range: Range }>(undefined);
  if (data) last.current = { stats: data, range };
  const shown = last.current;

  return (
    <div class="overview">
      <RangeBar range={range} />
      <p class="small muted overview-note">
        Updates automatically.
        {site.timeZone !== ownZone() && ` Times are in ${zoneName(site.timeZone)}.`}
      </p>
      <Stale error={data && error} />
      {!shown && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading statistics" rows={6} />)}
      {shown && !data && error && <Failed error={error} retry={reload} />}
      {shown && (data || !error) && (
        <div class={data ? 'figures' : 'figures figures-old'} aria-busy={!data}>
          <Figures site={site} {...shown} />
          <Promises site={site} range={shown.range} />
          <Download site={site} stats={shown.stats} />
        </div>
      )}
    </div>
  );
}

function Figures({ site, stats, range }: { site: Site; stats: Statistics; range: Range }) {
  const slots = stats.series;
  const none = stats.totals.impressions === 0;
  const first = slots[0];
  const final = slots[slots.length - 1];
  return (
    <>
      {none ? (
        <Empty title={range.preset === 'today' ? 'No visits yet today' : 'No visits in this period'}>
          <p>Statistics appear here as soon as someone sees the widget on {site.name}.</p>
          <ButtonLink href={`/app/sites/${site.id}/install`} look="primary">
            Check installation
          </ButtonLink>
        </Empty>
      ) : (
        <>
          <Funnel stats={stats} />
          <Compared site={site} range={range} now={stats.totals} />
          <TimeChart
            slots={slots}
            by={stats.by}
            range={range}
            about={
              first && final ? `${entryName(first.key, stats.by, true)} to ${entryName(final.key, stats.by, true)}` : ''
            }
          />
          <Breakdowns of={stats.breakdowns} from={stats.from} to={stats.to} />
        </>
      )}
      <Filtered filtered={stats.filtered} />
    </>
  );
}
