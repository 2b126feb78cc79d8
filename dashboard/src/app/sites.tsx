import { call } from '../api';
import { useLoad } from '../load';
import type { Site } from '../types';
import { ButtonLink } from '../ui/button';
import { Page } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { WidgetPicture } from '../ui/widget-picture';

export function Sites() {
  const { data, error, reload } = useLoad('sites', (signal) => call<{ sites: Site[] }>('GET', '/v1/sites', { signal }));
  const some = data && data.sites.length > 0;
  return (
    <Page title="Your sites" aside={some ? <ButtonLink href="/app/sites/new" look="primary">New site</ButtonLink> : undefined}>
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your sites" />)}
      {data && !some && (
        <Empty title="Add your first site" picture={<WidgetPicture />}>
          <p>Tell us where your website is, put one line into it, and visitors can ask you to call them back.</p>
          <ButtonLink href="/app/sites/new" look="primary">Add your first site</ButtonLink>
        </Empty>
      )}
      {data && some && (
        <ul class="site-list">
          {data.sites.map((site) => (
            <li key={site.id} class="card site-card">
              <h2><a href={`/app/sites/${site.id}`}>{site.name}</a></h2>
              <p class="muted break">{site.origins.map((origin) => origin.replace(/^https:\/\//, '')).join(', ')}</p>
              <p class="site-card-links">
                <a href={`/app/sites/${site.id}/inbox`} aria-label={`Inbox of ${site.name}`}>Inbox</a>
                <a href={`/app/sites/${site.id}/install`} aria-label={`Install on ${site.name}`}>Install</a>
                <a href={`/app/sites/${site.id}/settings`} aria-label={`Settings of ${site.name}`}>Settings</a>
              </p>
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}
