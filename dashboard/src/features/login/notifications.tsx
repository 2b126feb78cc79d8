import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { AlertTimes, Notifications as Loaded, NotificationChoice, SiteNotification } from '../../lib/api.gen';
import { ownZone } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { Times } from './alert-times';
import { PushDevices } from './push-devices';
import { SiteAlert } from './site-alert';
import './notifications.css';

const said: Record<SiteNotification['requests'], (site: string) => string> = {
  'at-once': (site) => `You’ll get an email for each request to ${site}.`,
  daily: (site) => `Requests to ${site} are in your daily email.`,
  off: (site) => `You won’t get emails about requests to ${site}.`,
};

/** What this person is told about, and when; the link in each email about requests leads here. */
export default function Notifications() {
  const { data, error, reload, set } = useLoad('notifications', (signal) =>
    call('GET', '/v1/notifications', { signal }),
  );
  return (
    <Page
      title="Notifications"
      lead="How we tell you when a visitor asks for a call. Only you get what you choose here."
    >
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading notifications" rows={2} />)}
      {data && (
        <div class="notifications">
          {data.sites.length === 0 ? (
            <Empty title="No sites yet">
              <p>Choose here how you hear of each site’s requests.</p>
            </Empty>
          ) : (
            <Sites data={data} set={set} />
          )}
          <PushDevices />
          <Times times={data.times} saved={(times) => set({ ...data, times })} />
        </div>
      )}
    </Page>
  );
}

function Sites({ data, set }: { data: Loaded; set: (data: Loaded) => void }) {
  const [chosen, setChosen] = useState<Record<string, NotificationChoice>>({});

  const choose = async (site: SiteNotification, choice: NotificationChoice) => {
    const before = chosen[site.id] ?? site;
    setChosen((all) => ({ ...all, [site.id]: choice }));
    try {
      if (choice.requests === 'daily' && !data.times.timeZone) {
        // Its hour is of this person's own clock, from the first email on.
        const times: AlertTimes = { ...data.times, timeZone: ownZone() };
        await call('PUT', '/v1/notifications', { body: times });
        set({ ...data, times });
      }
      await call('PUT', '/v1/notifications/{id}', { path: { id: site.id }, body: choice });
      toast({
        text: choice.requests === before.requests ? `Saved for ${site.name}.` : said[choice.requests](site.name),
      });
    } catch (failure) {
      setChosen((all) => ({ ...all, [site.id]: { requests: before.requests, departments: before.departments } }));
      toast({ text: detailOf(failure), bad: true });
    }
  };

  return (
    <section class="card" aria-labelledby="alert-sites">
      <h2 id="alert-sites">Requests to your sites</h2>
      <p class="field-hint">
        When more than 10 people ask within an hour, the rest of that hour’s requests come as one email.
      </p>
      {data.sites.map((site) => (
        <SiteAlert
          key={site.id}
          site={site}
          choice={chosen[site.id] ?? site}
          choose={(choice) => choose(site, choice)}
        />
      ))}
    </section>
  );
}
