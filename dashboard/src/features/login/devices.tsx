import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Session } from '../../lib/api.gen';
import { ago, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Button } from '../../ui/button';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import './login.css';

export function Devices() {
  const { data, error, reload, set } = useLoad('sessions', (signal) => call('GET', '/v1/sessions', { signal }));
  const [busy, setBusy] = useState<string | null>(null);

  const end = async (which: string, left: Session[], said: string) => {
    setBusy(which);
    try {
      await (which === 'all'
        ? call('DELETE', '/v1/sessions')
        : call('DELETE', '/v1/sessions/{id}', { path: { id: which } }));
      set({ sessions: left });
      toast({ text: said });
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
    }
    setBusy(null);
  };

  const sessions = data?.sessions ?? [];
  const others = sessions.filter((session) => !session.current);
  return (
    <Page title="Devices" lead="Where you’re logged in. Sessions expire after 7 days.">
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your devices" />)}
      {data && (
        <div class="devices">
          <ul class="rows">
            {sessions.map((session) => (
              <li key={session.id} class="row">
                <div>
                  <p class="row-name" id={`device-${session.id}`}>
                    {session.device || 'Unknown device'} {session.current && <span class="tag">This device</span>}
                  </p>
                  <p class="small muted">
                    Last used{' '}
                    <time dateTime={session.lastSeenAt} title={longDateTime(session.lastSeenAt)}>
                      {ago(session.lastSeenAt)}
                    </time>
                    , logged in{' '}
                    <time dateTime={session.createdAt} title={longDateTime(session.createdAt)}>
                      {ago(session.createdAt)}
                    </time>
                  </p>
                </div>
                {!session.current && (
                  <Button
                    small
                    busy={busy === session.id}
                    aria-describedby={`device-${session.id}`}
                    onClick={() =>
                      end(
                        session.id,
                        sessions.filter((other) => other !== session),
                        'Device logged out.',
                      )
                    }
                  >
                    Log out
                  </Button>
                )}
              </li>
            ))}
          </ul>
          {others.length > 0 ? (
            <Button
              look="danger"
              busy={busy === 'all'}
              onClick={() =>
                end(
                  'all',
                  sessions.filter((session) => session.current),
                  'Logged out all other devices.',
                )
              }
            >
              Log out all other devices
            </Button>
          ) : (
            <p class="muted">You’re not logged in anywhere else.</p>
          )}
        </div>
      )}
    </Page>
  );
}
