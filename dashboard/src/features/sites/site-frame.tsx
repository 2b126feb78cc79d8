import type { ComponentChildren } from 'preact';
import { call } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { PausedNote } from './paused';

interface Props {
  id: string;
  tab: string;
  tabs: { id: string; name: string }[];
  view: (site: Site, changed: (site: Site) => void) => ComponentChildren;
}

/** What all views of one site share: its name, the way between them, and the site itself, loaded once. */
export function SiteFrame({ id, tab, tabs, view }: Props) {
  const {
    data: site,
    error,
    reload,
    set,
  } = useLoad(`site ${id}`, (signal) => call('GET', '/v1/sites/{id}', { path: { id: id }, signal }));
  const name = tabs.find((one) => one.id === tab)!.name;
  const back = (
    <p class="crumb">
      <a href="/app">
        <span aria-hidden="true">← </span>All sites
      </a>
    </p>
  );
  if (!site) {
    return (
      <Page key="none" title={error ? 'Site' : name} above={back}>
        {error ? <Failed error={error} retry={reload} /> : <Loading what="Loading site" />}
      </Page>
    );
  }
  return (
    <Page
      key={tab}
      title={`${name} · ${site.name}`}
      heading={
        <>
          {site.name}
          <span class="visually-hidden">: {name}</span>
        </>
      }
      above={back}
    >
      <nav class="tabs" aria-label="Site">
        {tabs.map((one) => (
          <a
            key={one.id}
            href={`/app/sites/${encodeURIComponent(id)}${one.id && `/${one.id}`}`}
            aria-current={one.id === tab ? 'page' : undefined}
          >
            {one.name}
          </a>
        ))}
      </nav>
      <PausedNote site={site} changed={set} />
      {view(site, set)}
    </Page>
  );
}
