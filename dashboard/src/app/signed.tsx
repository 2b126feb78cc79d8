import type { ComponentChildren } from 'preact';
import { lazy } from '../lazy';
import { accountTurn, useMe } from '../me';
import { NotFound } from '../pages/not-found';
import { match, usePlace } from '../router';
import '../styles/app.css';
import type { Site } from '../types';
import { Billing } from './billing';
import { Devices } from './devices';
import { InboxPage } from './inbox';
import { Install } from './install';
import { NewSite } from './new-site';
import { Overview } from './overview';
import { Privacy } from './privacy';
import { Settings } from './settings';
import { SiteFrame } from './site-frame';
import { Sites } from './sites';

const TABS: Record<string, { name: string; view: (site: Site, changed: (site: Site) => void) => ComponentChildren }> = {
  '': { name: 'Overview', view: (site) => <Overview site={site} /> },
  inbox: { name: 'Inbox', view: (site) => <InboxPage site={site} /> },
  install: { name: 'Install', view: (site) => <Install site={site} /> },
  privacy: { name: 'Privacy', view: (site) => <Privacy site={site} /> },
  settings: { name: 'Settings', view: (site, changed) => <Settings site={site} changed={changed} /> },
};

const Security = lazy(() => import('./security'));
const People = lazy(() => import('./people'));
const Clients = lazy(() => import('./clients'));
const Log = lazy(() => import('./log'));

/** The views of people who are logged in. */
export default function Signed() {
  const { path } = usePlace();
  const turn = accountTurn();
  const me = useMe();
  if (match('/app/security', path)) return <Security key={turn} />;
  if (me && (me.lacksSecondFactor || !me.account) && !match('/app/devices', path)) return <Security key={turn} />;
  if (match('/app/people', path)) return <People key={turn} />;
  if (match('/app/clients', path)) return <Clients key={turn} />;
  if (match('/app/log', path)) return <Log key={turn} />;
  if (match('/app', path)) return <Sites key={turn} />;
  if (match('/app/devices', path)) return <Devices />;
  if (match('/app/billing', path)) return <Billing key={turn} />;
  if (match('/app/sites/new', path)) return <NewSite />;
  const found = match('/app/sites/:id', path) ?? match('/app/sites/:id/:tab', path);
  const tab = found && TABS[found.tab ?? ''];
  if (!found || !tab) return <NotFound />;
  return (
    <SiteFrame
      key={`${turn} ${found.id}`}
      id={found.id!}
      tab={found.tab ?? ''}
      tabs={Object.entries(TABS).map(([id, { name }]) => ({ id, name }))}
      view={tab.view}
    />
  );
}
