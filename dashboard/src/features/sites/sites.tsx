import { call } from '../../lib/api';
import type { Home, Site } from '../../lib/api.gen';
import { number, percent } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { Sparkline } from './sparkline';
import { WaitingNow } from './waiting-now';
import { WidgetPicture } from './widget-picture';
import './sites.css';

const REFRESH = 30_000;
const byName = (a: Site, b: Site) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);

export function Sites() {
  const { data, error, reload } = useLoad('sites', (signal) => call('GET', '/v1/sites', { signal }));
  const { data: home } = useLoad('home', (signal) => call('GET', '/v1/home', { signal }), REFRESH);
  const some = data && data.sites.length > 0;
  return (
    <Page
      title="Your sites"
      aside={
        some && (
          <ButtonLink href="/app/sites/new" look="primary">
            New site
          </ButtonLink>
        )
      }
    >
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your sites" />)}
      {data && home && (some || home.clients.length > 0) && <WaitingNow home={home} />}
      {data && !some && (
        <Empty title="Add your first site" picture={<WidgetPicture />}>
          <p>Tell us your website’s address, add one line of code, and visitors can ask you to call them back.</p>
          <ButtonLink href="/app/sites/new" look="primary">
            Add your first site
          </ButtonLink>
        </Empty>
      )}
      {data && some && (
        <ul class="site-list">
          {data.sites.toSorted(byName).map((site) => (
            <SiteCard key={site.id} site={site} home={home?.sites.find((one) => one.id === site.id)} />
          ))}
        </ul>
      )}
    </Page>
  );
}

const STATE: Record<string, string> = {
  paused: 'Paused',
  silent: 'Not seen for 2 days',
  unseen: 'Not seen yet',
};

function SiteCard({ site, home }: { site: Site; home?: Home['sites'][number] }) {
  const state = home?.state && STATE[home.state];
  return (
    <li class="card site-card">
      <h2>
        <a href={`/app/sites/${site.id}`}>{site.name}</a>
        {site.paused && <span class="tag tag-missed">Paused</span>}
      </h2>
      <p class="muted break small">{site.origins.map((origin) => origin.replace(/^https:\/\//, '')).join(', ')}</p>
      {home && (state || home.waiting > 0) && (
        <p class="site-tags">
          {state && <span class={`tag tag-${home.state === 'paused' ? 'late' : 'missed'}`}>{state}</span>}
          {home.waiting > 0 && <span class="tag tag-new">{number(home.waiting)} waiting</span>}
          {home.overdue > 0 && <span class="tag tag-late">{number(home.overdue)} overdue</span>}
        </p>
      )}
      {home?.figures && <SiteFigures figures={home.figures} />}
      <p class="site-card-links">
        <a href={`/app/sites/${site.id}/inbox`} aria-label={`Inbox of ${site.name}`}>
          Inbox
        </a>
        <a href={`/app/sites/${site.id}/install`} aria-label={`Install on ${site.name}`}>
          Install
        </a>
        <a href={`/app/sites/${site.id}/settings`} aria-label={`Settings of ${site.name}`}>
          Settings
        </a>
      </p>
    </li>
  );
}

function SiteFigures({ figures }: { figures: NonNullable<Home['sites'][number]['figures']> }) {
  const { totals, days, rate } = figures;
  return (
    <div class="site-figures">
      <dl>
        <div>
          <dt>Saw it</dt>
          <dd>{number(totals.impressions)}</dd>
        </div>
        <div>
          <dt>Requested</dt>
          <dd>{number(totals.submits)}</dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>{percent(rate)}</dd>
        </div>
      </dl>
      <Sparkline days={days} label={`Requests a day, the last 14 days: ${days.join(', ')}`} />
      <p class="small muted">Last 14 days</p>
    </div>
  );
}
