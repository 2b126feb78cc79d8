import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { RequestAlert, SiteNotification } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import './notifications.css';

/** What this person is emailed about; the link in each of those emails leads here. */
export default function Notifications() {
  const { data, error, reload } = useLoad('notifications', (signal) => call('GET', '/v1/notifications', { signal }));
  const [chosen, setChosen] = useState<Record<string, RequestAlert>>({});

  const choose = async (site: SiteNotification, requests: RequestAlert) => {
    const before = chosen[site.id] ?? site.requests;
    setChosen((all) => ({ ...all, [site.id]: requests }));
    try {
      await call('PUT', '/v1/notifications/{id}', { path: { id: site.id }, body: { requests } });
      toast({
        text:
          requests === 'off'
            ? `You won’t get emails about requests to ${site.name}.`
            : `You’ll get an email for each request to ${site.name}.`,
      });
    } catch (failure) {
      setChosen((all) => ({ ...all, [site.id]: before }));
      toast({ text: detailOf(failure), bad: true });
    }
  };

  return (
    <Page
      title="Notifications"
      lead="An email as soon as a visitor asks for a call. When many ask within an hour, the rest come as one email."
    >
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading notifications" rows={2} />)}
      {data?.sites.length === 0 && (
        <Empty title="No sites yet">
          <p>Each of your sites has a switch here.</p>
        </Empty>
      )}
      {data && data.sites.length > 0 && (
        <fieldset class="card notifications">
          <legend>Email me about requests to</legend>
          {data.sites.map((site) => (
            <label key={site.id}>
              <input
                type="checkbox"
                checked={(chosen[site.id] ?? site.requests) === 'at-once'}
                onChange={(event) => choose(site, event.currentTarget.checked ? 'at-once' : 'off')}
              />
              <span class="break">{site.name}</span>
            </label>
          ))}
        </fieldset>
      )}
    </Page>
  );
}
