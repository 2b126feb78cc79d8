import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { OwnRequest } from '../../lib/api.gen';
import { ago, localInput, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { usePlace } from '../../lib/router';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import './visitor-request.css';

/** A visitor's own page: no login, only their private link. */
export default function RequestPage() {
  const token = usePlace().query.get('token') ?? '';
  const path = { token };
  const { data, error, reload, set } = useLoad(`request ${token}`, (signal) => {
    if (!token) throw new ApiError(404, 'not-found', '');
    return call('GET', '/v1/callbacks/{token}', { path, signal, open: true });
  });
  const [erased, setErased] = useState(false);

  if (erased) {
    return (
      <Page
        key="erased"
        title="Everything is erased"
        width="narrow"
        lead="Your name, your number and your message are gone. Nobody will call you because of them."
      >
        <p class="muted">You can close this page. This link opens nothing any more.</p>
      </Page>
    );
  }
  if (!data) {
    const gone = error?.status === 404 || error?.status === 400;
    return (
      <Page
        key="none"
        title={gone ? 'There is no request here' : 'Your request'}
        width="narrow"
        lead={
          gone
            ? 'It was erased, it was kept for as long as agreed and then deleted, or a part of the link was lost on the way.'
            : undefined
        }
      >
        {error ? !gone && <Failed error={error} retry={reload} /> : <Loading what="Loading your request" rows={2} />}
      </Page>
    );
  }
  return <Own key="own" request={data} path={path} set={set} erased={() => setErased(true)} />;
}

interface OwnProps {
  request: OwnRequest;
  path: { token: string };
  set: (request: OwnRequest) => void;
  erased: () => void;
}

function Own({ request, path, set, erased }: OwnProps) {
  const [asking, setAsking] = useState<'move' | 'cancel' | 'erase' | null>(null);
  const close = () => setAsking(null);
  const open = request.status === 'new' || request.status === 'missed';

  const change = async (body: { at: string } | { status: 'cancelled' }, said: string) => {
    set(await call('PATCH', '/v1/callbacks/{token}', { path, body, open: true }));
    close();
    toast({ text: said });
  };

  return (
    <Page title={title(request)} width="narrow" lead={lead(request)}>
      <dl class="card own">
        <div>
          <dt>Who calls</dt>
          <dd>{request.site}</dd>
        </div>
        <div>
          <dt>When</dt>
          <dd>{request.at ? <time dateTime={request.at}>{longDateTime(request.at)}</time> : 'As soon as possible'}</dd>
        </div>
        <div>
          <dt>Your name</dt>
          <dd>{request.name}</dd>
        </div>
        <div>
          <dt>Your number</dt>
          <dd>{request.phone}</dd>
        </div>
        <div>
          <dt>Asked</dt>
          <dd>
            <time dateTime={request.createdAt} title={longDateTime(request.createdAt)}>
              {ago(request.createdAt)}
            </time>
          </dd>
        </div>
      </dl>
      {open && (
        <div class="own-do">
          <Button look="primary" onClick={() => setAsking('move')}>
            Choose another time
          </Button>
          <Button onClick={() => setAsking('cancel')}>Cancel the call</Button>
        </div>
      )}
      <section class="own-erase" aria-labelledby="erase-title">
        <h2 id="erase-title">Be forgotten</h2>
        <p class="muted">You can have all that you sent erased at any time, without giving a reason.</p>
        <Button look="danger" onClick={() => setAsking('erase')}>
          Erase everything
        </Button>
      </section>
      <p class="small muted own-note">Keep this address to yourself: whoever has it can change your request.</p>
      {asking === 'move' && <Move request={request} change={change} close={close} />}
      {asking === 'cancel' && (
        <Sure
          title="Cancel the call?"
          text={`${request.site} will not call you. What you sent stays with them until you erase it.`}
          yes="Cancel the call"
          no="Keep it"
          close={close}
          run={() => change({ status: 'cancelled' }, 'The call is cancelled.')}
        />
      )}
      {asking === 'erase' && (
        <Sure
          title="Erase everything?"
          text={`${request.site} loses your name, number and message${open ? ', and will not call you' : ''}. Nothing brings them back.`}
          yes="Erase everything"
          no="Keep it"
          close={close}
          run={async () => {
            await call('DELETE', '/v1/callbacks/{token}', { path, open: true });
            erased();
          }}
        />
      )}
    </Page>
  );
}

function title({ status, site }: OwnRequest): string {
  if (status === 'called') return `${site} has called you`;
  if (status === 'cancelled') return 'The call is cancelled';
  if (status === 'missed') return `${site} missed you`;
  return `${site} will call you`;
}

function lead({ status, at }: OwnRequest): string {
  if (status === 'called') return 'This request is done.';
  if (status === 'cancelled') return 'Nobody will call you because of this request.';
  if (status === 'missed')
    return 'They tried, but you could not be reached. Choose another time, and they can try again.';
  return at
    ? 'At the time that you chose. Plans change: so can this.'
    : 'As soon as somebody is free. If another time is better, say so.';
}

function Move({
  request,
  change,
  close,
}: {
  request: OwnRequest;
  change: (body: { at: string }, said: string) => Promise<void>;
  close: () => void;
}) {
  return (
    <Dialog title="Choose another time" onClose={close}>
      <Form
        fields={{ at: 'When' }}
        check={(values): Record<string, string> => {
          const at = new Date(text(values, 'at'));
          if (Number.isNaN(at.getTime())) return { at: 'Choose a day and a time.' };
          if (at.getTime() <= Date.now()) return { at: 'This time has passed. Choose one that is still to come.' };
          return {};
        }}
        send={(values) => {
          const at = new Date(text(values, 'at')).toISOString();
          return change({ at }, `Moved to ${longDateTime(at)}.`);
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field
              label="When"
              name="at"
              type="datetime-local"
              min={localInput(new Date())}
              defaultValue={request.at ? localInput(new Date(request.at)) : undefined}
              hint="In your own local time."
              error={errors.at}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Move the call
              </Button>
              <Button look="bare" onClick={close}>
                Keep it
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

interface SureProps {
  title: string;
  text: string;
  yes: string;
  no: string;
  run: () => Promise<void>;
  close: () => void;
}

function Sure({ title, text, yes, no, run, close }: SureProps) {
  return (
    <Dialog title={title} onClose={close}>
      <p>{text}</p>
      <Form fields={{}} send={run}>
        {({ busy }) => (
          <div class="form-end">
            <Button look="danger" type="submit" busy={busy}>
              {yes}
            </Button>
            <Button look="bare" onClick={close}>
              {no}
            </Button>
          </div>
        )}
      </Form>
    </Dialog>
  );
}
