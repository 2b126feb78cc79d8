import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { OwnRequest } from '../../lib/api.gen';
import { ago, localInput, longDateTime, zoneName } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { usePlace } from '../../lib/router';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Field } from '../../ui/field';
import { text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { MoveToSlot } from './move-call';
import { ComplainSection } from './visitor-complaint';
import './visitor-request.css';

const REFRESH = 15_000;

/** A visitor's own page: no login, only their private link. */
export default function RequestPage() {
  const token = usePlace().query.get('token') ?? '';
  const path = { token };
  const { data, error, reload, set } = useLoad(
    `request ${token}`,
    (signal) => {
      if (!token) throw new ApiError(404, 'not-found', '');
      return call('GET', '/v1/callbacks/{token}', { path, signal, open: true });
    },
    REFRESH,
  );
  const [erased, setErased] = useState(false);

  if (erased) {
    return (
      <Page
        key="erased"
        title="Your data has been erased"
        width="narrow"
        lead="Your name, number and message have been deleted, and nobody will call you about this request."
      >
        {data?.complaint ? (
          <p>
            Your complaint isn’t erased: {data.site} needs it, with your name and number, to answer you, and keeps it as
            a record for a year after that. <a href={data.complaint.link}>See your complaint</a>
          </p>
        ) : (
          data?.complainTo && (
            <p>
              If {data.site} has handled your data badly,{' '}
              <a href={`/complain?site=${data.complainTo}`}>complain to {data.site}</a>. You can also complain to the
              Information Commissioner at any time:{' '}
              <a href="https://ico.org.uk/make-a-complaint/" rel="noreferrer">
                ico.org.uk/make-a-complaint
              </a>
              .
            </p>
          )
        )}
        <p class="muted">You can close this page. This link no longer works.</p>
      </Page>
    );
  }
  if (!data) {
    const gone = error?.status === 404 || error?.status === 400;
    return (
      <Page
        key="none"
        title={gone ? 'Request not found' : 'Your request'}
        width="narrow"
        lead={gone ? 'It may have been erased or have expired, or the link may be incomplete.' : undefined}
      >
        {error ? !gone && <Failed error={error} retry={reload} /> : <Loading what="Loading your request" rows={2} />}
        {gone && token && (
          <p>
            Did you complain to the business? <a href={`/complain?token=${token}`}>See your complaint</a>
          </p>
        )}
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
  const [asking, setAsking] = useState<'move' | 'cancel' | 'never' | 'erase' | null>(null);
  const close = () => setAsking(null);
  const open = request.status === 'new' || request.status === 'missed';

  const change = async (body: { at: string } | { status: 'cancelled' } | { neverCall: true }, said: string) => {
    set(await call('PATCH', '/v1/callbacks/{token}', { path, body, open: true }));
    close();
    toast({ text: said });
  };

  return (
    <Page title={title(request)} width="narrow" lead={lead(request)}>
      <dl class="card own">
        <div>
          <dt>Business</dt>
          <dd>{request.site}</dd>
        </div>
        <div>
          <dt>When</dt>
          <dd>{request.at ? <time dateTime={request.at}>{longDateTime(request.at)}</time> : 'As soon as possible'}</dd>
        </div>
        {request.promise && open && (
          <div>
            <dt>Promised by</dt>
            <dd>
              <Due due={request.promise.due} zone={request.timeZone} />
            </dd>
          </div>
        )}
        {request.ahead !== null && (
          <div>
            <dt>Your place</dt>
            <dd>{place(request.ahead)}</dd>
          </div>
        )}
        <div>
          <dt>Your name</dt>
          <dd>{request.name}</dd>
        </div>
        <div>
          <dt>Your number</dt>
          <dd>{request.phone}</dd>
        </div>
        <div>
          <dt>Requested</dt>
          <dd>
            <time dateTime={request.createdAt} title={longDateTime(request.createdAt)}>
              {ago(request.createdAt)}
            </time>
          </dd>
        </div>
      </dl>
      {open && (
        <div class="own-do">
          {!request.calling && (
            <Button look="primary" onClick={() => setAsking('move')}>
              Choose another time
            </Button>
          )}
          <Button onClick={() => setAsking('cancel')}>Cancel call</Button>
        </div>
      )}
      <section class="own-erase" aria-labelledby="never-title">
        <h2 id="never-title">Stop calls to your number</h2>
        {request.blocked ? (
          <p class="muted">
            Your number is blocked: {request.site} can’t be asked to call it. They can lift that for you.
          </p>
        ) : (
          <>
            <p class="muted">Nobody will be able to ask {request.site} to call your number.</p>
            <Button onClick={() => setAsking('never')}>Never call me again</Button>
          </>
        )}
      </section>
      <section class="own-erase" aria-labelledby="erase-title">
        <h2 id="erase-title">Erase your data</h2>
        <p class="muted">You can erase everything you sent at any time. You don’t have to give a reason.</p>
        <Button look="danger" onClick={() => setAsking('erase')}>
          Erase my data
        </Button>
      </section>
      <ComplainSection
        site={request.site}
        complaint={request.complaint}
        path={path}
        made={(complaint) => set({ ...request, complaint })}
      />
      <p class="small muted own-note">Keep this link private: anyone who has it can change your request.</p>
      {asking === 'move' &&
        (request.siteKey ? (
          <MoveToSlot request={request} siteKey={request.siteKey} change={change} close={close} />
        ) : (
          <Move request={request} change={change} close={close} />
        ))}
      {asking === 'cancel' && (
        <Sure
          title="Cancel the call?"
          text={`${request.site} won’t call you. They keep your details until you erase them.`}
          yes="Cancel call"
          no="Go back"
          close={close}
          run={() => change({ status: 'cancelled' }, 'Call cancelled.')}
        />
      )}
      {asking === 'never' && (
        <Sure
          title="Never call this number again?"
          text={
            `${request.site} won’t call ${request.phone}${open ? ', this call is cancelled' : ''}, ` +
            'and new requests for the number are refused. Only they can lift it.'
          }
          yes="Never call me again"
          no="Go back"
          close={close}
          run={() => change({ neverCall: true }, 'Your number is blocked.')}
        />
      )}
      {asking === 'erase' && (
        <Sure
          title="Erase my data?"
          text={
            `${request.site} will no longer have your name, number or message` +
            `${open ? ', and won’t call you' : ''}. ` +
            (request.complaint ? 'Your complaint stays, with your name and number, so that it can be answered. ' : '') +
            'This can’t be undone.'
          }
          yes="Erase my data"
          no="Go back"
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

/** Until when a call is promised: in the visitor's zone, and in the business's where it shows another time. */
function Due({ due, zone }: { due: string; zone: string | null }) {
  const there = zone && longDateTime(due, zone);
  return (
    <>
      <time dateTime={due}>{longDateTime(due)}</time>
      {there && there !== longDateTime(due) && (
        <span class="muted">
          {' '}
          ({there}, {zoneName(zone)} time)
        </span>
      )}
    </>
  );
}

function title({ status, site, calling, promise }: OwnRequest): string {
  if (calling && (status === 'new' || status === 'missed')) return `${site} is calling you now`;
  if (status === 'called') return `${site} has called you`;
  if (status === 'cancelled') return 'Call cancelled';
  if (status === 'missed') return `${site} tried to call you`;
  if (promise?.state === 'broken') return `Sorry, ${site} is late`;
  return `${site} will call you`;
}

function lead({ status, at, calling, promise }: OwnRequest): string {
  if (calling && (status === 'new' || status === 'missed')) return 'Keep your phone within reach.';
  if (status === 'called') return 'This request is complete.';
  if (status === 'cancelled') return 'You won’t be called about this request.';
  if (status === 'missed') return 'They couldn’t reach you. Choose another time and they’ll try again.';
  if (promise?.state === 'broken')
    return 'They should have called by now, and know that you’re waiting. You can wait, choose another time or cancel.';
  return at
    ? 'At the time you chose. You can change it at any time.'
    : 'As soon as someone is free. You can also choose a time that suits you better.';
}

function place(ahead: number): string {
  if (ahead === 0) return 'You’re next';
  if (ahead === 1) return '1 person is ahead of you';
  return ahead < 20 ? `${ahead} people are ahead of you` : '20 or more people are ahead of you';
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
    <DialogForm
      title="Choose another time"
      fields={{ at: 'When' }}
      check={(values): Record<string, string> => {
        const at = new Date(text(values, 'at'));
        if (Number.isNaN(at.getTime())) return { at: 'Choose a date and time.' };
        if (at.getTime() <= Date.now()) return { at: 'Choose a time in the future.' };
        return {};
      }}
      send={(values) => {
        const at = new Date(text(values, 'at')).toISOString();
        return change({ at }, `Call moved to ${longDateTime(at)}.`);
      }}
      button="Move call"
      keep="Keep it"
      close={close}
    >
      {(errors) => (
        <Field
          label="When"
          name="at"
          type="datetime-local"
          min={localInput(new Date())}
          defaultValue={request.at ? localInput(new Date(request.at)) : undefined}
          hint="In your own local time."
          error={errors.at}
        />
      )}
    </DialogForm>
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
  return <DialogForm title={title} lead={<p>{text}</p>} send={run} button={yes} danger keep={no} close={close} />;
}
