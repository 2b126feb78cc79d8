import { call } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { WidgetPicture } from './widget-picture';
import './sites.css';

// Beyond this many sites, a call for each one's figures would be too many at once.
const MOST_FIGURES = 12;
const byName = (a: Site, b: Site) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);

export function Sites() {
  const { data, error, reload } = useLoad('sites', (signal) => call('GET', '/v1/sites', { signal }));
  const some = data && data.sites.length > 0;
  const figures = some && data.sites.length <= MOST_FIGURES;
  return (
    <Page
      title="Your sites"
      lead={figures && 'Last 30 days'}
      aside={
        some && (
          <ButtonLink href="/app/sites/new" look="primary">
            New site
          </ButtonLink>
        )
      }
    >
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your sites" />)}
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
            <SiteCard key={site.id} site={site} figures={figures === true} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function SiteCard({ site, figures }: { site: Site; figures: boolean }) {
  return (
    <li class="card site-card">
      <h2>
        <a href={`/app/sites/${site.id}`}>{site.name}</a>
      </h2>
      <p class="muted break small">{site.origins.map((origin) => origin.replace(/^https:\/\//, '')).join(', ')}</p>
      {figures && <SiteFigures site={site} />}
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

function SiteFigures({ site }: { site: Site }) {
  const { data } = useLoad(`card ${site.id}`, (signal) =>
    call('GET', '/v1/sites/{id}/stats', { path: { id: site.id }, signal }),
  );
  const show = (n?: number) => (n === undefined ? '–' : number(n));
  return (
    <dl class="site-figures">
      <div>
        <dt>Saw it</dt>
        <dd>{show(data?.totals.impressions)}</dd>
      </div>
      <div>
        <dt>Opened it</dt>
        <dd>{show(data?.totals.opens)}</dd>
      </div>
      <div>
        <dt>Requested</dt>
        <dd>{show(data?.totals.submits)}</dd>
      </div>
    </dl>
  );
}
