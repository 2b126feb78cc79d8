import { useRef } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Site, Statistics } from '../../lib/api.gen';
import { ownZone, zoneName } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { usePlace } from '../../lib/router';
import { ButtonLink } from '../../ui/button';
import { Empty, Failed, Loading, Stale } from '../../ui/states';
import { Breakdowns } from './breakdowns';
import { Filtered } from './filtered';
import { Funnel } from './funnel';
import { Promises } from './promises';
import { months, RANGES, type RangeId, rangeId, slotName, span } from './range';
import { TimeChart } from './time-chart';
import './statistics.css';

const REFRESH = 5000;

function loadStats(site: Site, range: RangeId, signal: AbortSignal): Promise<Statistics> {
  const days = span(range, site.timeZone, new Date());
  return call('GET', '/v1/sites/{id}/stats', { path: { id: site.id }, query: days, signal });
}

export function Overview({ site }: { site: Site }) {
  const range = rangeId(usePlace().query.get('range'));
  const { data, error, reload } = useLoad(
    `stats ${site.id} ${range}`,
    (signal) => loadStats(site, range, signal),
    REFRESH,
  );
  // Until the new range has come, the old one stays, dimmed: nothing jumps.
  const last = useRef<{ stats: Statistics; range: RangeId }>(undefined);
  if (data) last.current = { stats: data, range };
  const shown = last.current;

  return (
    <div class="overview">
      <div class="overview-bar">
        <nav class="ranges" aria-label="Time range">
          {RANGES.map((one) => (
            <a key={one.id} href={`?range=${one.id}`} aria-current={one.id === range ? 'true' : undefined}>
              {one.label}
            </a>
          ))}
        </nav>
        <p class="small muted">
          Updates automatically.
          {site.timeZone !== ownZone() && ` Times are in ${zoneName(site.timeZone)}.`}
        </p>
      </div>
      <Stale error={data && error} />
      {!shown && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading statistics" rows={6} />)}
      {shown && !data && error && <Failed error={error} retry={reload} />}
      {shown && (data || !error) && (
        <div class={data ? 'figures' : 'figures figures-old'} aria-busy={!data}>
          <Figures site={site} {...shown} />
          <Promises site={site} range={shown.range} />
        </div>
      )}
    </div>
  );
}

function Figures({ site, stats, range }: { site: Site; stats: Statistics; range: RangeId }) {
  const slots = range === '12m' ? months(stats.series) : stats.series;
  const none = stats.totals.impressions === 0;
  const first = slots[0];
  const final = slots[slots.length - 1];
  return (
    <>
      {none ? (
        <Empty title={range === 'today' ? 'No visits yet today' : 'No visits in this period'}>
          <p>Statistics appear here as soon as someone sees the widget on {site.name}.</p>
          <ButtonLink href={`/app/sites/${site.id}/install`} look="primary">
            Check installation
          </ButtonLink>
        </Empty>
      ) : (
        <>
          <Funnel stats={stats} />
          <TimeChart
            slots={slots}
            unit={range === '12m' ? 'Month' : stats.by === 'hour' ? 'Hour' : 'Day'}
            about={first && final ? `${slotName(first.key, true)} to ${slotName(final.key, true)}` : ''}
          />
          <Breakdowns of={stats.breakdowns} from={stats.from} to={stats.to} />
        </>
      )}
      <Filtered filtered={stats.filtered} />
    </>
  );
}
