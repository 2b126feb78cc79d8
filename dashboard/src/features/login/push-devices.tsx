import { useEffect, useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { PushDevices as Loaded } from '../../lib/api.gen';
import { ago, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { ownID, refused, turnOn } from '../../lib/push';
import { forget, support } from '../../lib/push-worker';
import { Button } from '../../ui/button';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';

/** Notifications that browsers show: in this one, and where else. */
export function PushDevices() {
  const { data, error, reload } = useLoad('push', (signal) => call('GET', '/v1/push', { signal }));
  const [own, setOwn] = useState<string | null>(null);
  const [busy, setBusy] = useState('');
  const [no, setNo] = useState(refused());
  useEffect(() => {
    ownID().then(setOwn, () => {});
  }, [data]);

  const act = async (which: string, done: string, work: () => Promise<boolean>) => {
    setBusy(which);
    try {
      if (await work()) toast({ text: done });
      setNo(refused());
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
    reload();
    setBusy('');
  };
  const remove = (id: string) =>
    act(id, 'Turned off.', async () => {
      await call('DELETE', '/v1/push/{id}', { path: { id } });
      if (id === own) await forget();
      return true;
    });

  return (
    <section class="card" aria-labelledby="push-devices">
      <h2 id="push-devices">Browser notifications</h2>
      <p class="field-hint">
        When we email you about a request at once, your browsers can show it too. A notification names the site, never
        the visitor. In quiet hours there are none, nor for what waited when they end. Logging out turns them off in
        that browser, and changing your password in all others.
      </p>
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your browsers" rows={1} />)}
      {data && (
        <>
          {data.devices.length > 0 && <List data={data} own={own} busy={busy} remove={remove} />}
          {!data.devices.some((device) => device.id === own) && (
            <TurnOn
              no={no}
              busy={busy === 'on'}
              act={() => act('on', 'This browser will show new requests.', () => turnOn(data))}
            />
          )}
        </>
      )}
    </section>
  );
}

interface ListProps {
  data: Loaded;
  own: string | null;
  busy: string;
  remove: (id: string) => void;
}

function List({ data, own, busy, remove }: ListProps) {
  return (
    <ul class="rows push-rows">
      {data.devices.map((device) => (
        <li key={device.id} class="row">
          <div>
            <p class="row-name" id={`push-${device.id}`}>
              {device.device} {device.id === own && <span class="tag">This browser</span>}
            </p>
            <p class="small muted">
              Turned on{' '}
              <time dateTime={device.createdAt} title={longDateTime(device.createdAt)}>
                {ago(device.createdAt)}
              </time>
            </p>
          </div>
          <Button
            small
            busy={busy === device.id}
            aria-describedby={`push-${device.id}`}
            onClick={() => remove(device.id)}
          >
            Turn off
          </Button>
        </li>
      ))}
    </ul>
  );
}

function TurnOn({ no, busy, act }: { no: boolean; busy: boolean; act: () => void }) {
  const can = support();
  if (can === 'home-screen')
    return (
      <p class="push-state">
        On an iPhone or iPad, add Mi Connect to your Home Screen first: tap Share, then Add to Home Screen. Open it from
        there and come back to this page.
      </p>
    );
  if (can === 'no') return <p class="push-state">This browser can’t show notifications.</p>;
  if (no)
    return (
      <p class="push-state">
        This browser blocks notifications from Mi Connect. Allow them in its settings for this site, then reload this
        page.
      </p>
    );
  return (
    <div class="push-state">
      <Button busy={busy} onClick={act}>
        Turn on in this browser
      </Button>
    </div>
  );
}
