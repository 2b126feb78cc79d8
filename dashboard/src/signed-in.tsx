import './ui/styles/signed-in.css';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { Billing } from './features/billing/billing';
import { Devices } from './features/login/devices';
import { Privacy } from './features/privacy/site-privacy';
import { NewSite } from './features/sites/new-site';
import { SiteFrame } from './features/sites/site-frame';
import { Sites } from './features/sites/sites';
import { Overview } from './features/statistics/overview';
import type { Site } from './lib/api.gen';
import { accountTurn, useMe } from './lib/me';
import { match, usePlace } from './lib/router';
import { ForAdmins } from './ui/for-admins';
import { lazy } from './ui/lazy';
import { NotFound } from './ui/not-found';
import { Loading } from './ui/states';

export { DuesBanner } from './features/billing/dues';
export { SignedInNav } from './shell/signed-in-nav';

const SiteInbox = lazy<{ site: Site }>(
  async () => ({ default: (await import('./features/inbox/inbox')).InboxPage }),
  <Loading what="Loading requests" rows={4} />,
);

const Install = lazy<{ site: Site }>(
  async () => ({ default: (await import('./features/sites/install')).Install }),
  <Loading what="Loading the snippet" rows={4} />,
);

const HoursPage = lazy<{ site: Site }>(
  async () => ({ default: (await import('./features/hours/hours')).HoursPage }),
  <Loading what="Loading hours" rows={4} />,
);

const Settings = lazy<{ site: Site; changed: (site: Site) => void }>(
  async () => ({ default: (await import('./features/sites/settings')).Settings }),
  <Loading what="Loading settings" rows={4} />,
);

const TABS: Record<string, { name: string; view: (site: Site, changed: (site: Site) => void) => ComponentChildren }> = {
  '': { name: 'Overview', view: (site) => <Overview site={site} /> },
  inbox: { name: 'Inbox', view: (site) => <SiteInbox site={site} /> },
  hours: {
    name: 'Hours',
    view: (site) => (
      <ForAdmins>
        <HoursPage site={site} />
      </ForAdmins>
    ),
  },
  install: { name: 'Install', view: (site) => <Install site={site} /> },
  privacy: { name: 'Privacy', view: (site) => <Privacy site={site} /> },
  settings: {
    name: 'Settings',
    view: (site, changed) => (
      <ForAdmins>
        <Settings site={site} changed={changed} />
      </ForAdmins>
    ),
  },
};

const AccountInbox = lazy(async () => ({ default: (await import('./features/inbox/inbox')).AccountInbox }));
const Security = lazy(() => import('./features/login/security'));
const People = lazy(() => import('./features/team/people'));
const Clients = lazy(() => import('./features/team/clients'));
const Notifications = lazy(() => import('./features/login/notifications'));
const Complaints = lazy(() => import('./features/privacy/complaints'));
const Log = lazy(() => import('./features/team/log'));

/** The views of people who are logged in. */
export default function Signed() {
  const { path } = usePlace();
  const turn = accountTurn();
  const me = useMe();
  useEffect(() => {
    // Most people have none, and nothing more to load then.
    if ('Notification' in globalThis && Notification.permission === 'granted')
      import('./lib/push').then(({ renew }) => renew()).catch(() => {});
  }, []);
  if (match('/app/security', path)) return <Security key={turn} />;
  if (me && (me.lacksSecondFactor || !me.account) && !match('/app/devices', path)) return <Security key={turn} />;
  if (match('/app/people', path)) return <People key={turn} />;
  if (match('/app/clients', path)) return <Clients key={turn} />;
  if (match('/app/notifications', path)) return <Notifications key={turn} />;
  if (match('/app/complaints', path)) return <Complaints key={turn} />;
  if (match('/app/log', path)) return <Log key={turn} />;
  if (match('/app/inbox', path)) return <AccountInbox key={turn} />;
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
