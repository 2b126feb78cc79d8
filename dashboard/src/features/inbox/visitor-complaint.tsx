import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { OwnComplaint } from '../../lib/api.gen';
import { longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { usePlace } from '../../lib/router';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Field, TextField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import './visitor-request.css';

const MESSAGE = 'What should they look into?';
const STATE: Record<OwnComplaint['state'], string> = {
  open: 'Waiting to be looked into',
  'in-progress': 'Being looked into',
  answered: 'Answered',
};
const RESULT: Record<NonNullable<OwnComplaint['result']>, string> = {
  upheld: 'They agree with your complaint.',
  'partly-upheld': 'They agree with part of your complaint.',
  'not-upheld': 'They don’t agree with your complaint.',
  withdrawn: 'They have recorded that you withdrew your complaint.',
};

const needed = (values: FormData): Record<string, string> =>
  text(values, 'message') ? {} : { message: 'Say what they should look into.' };

/** The right that every answer names. */
export function Regulator() {
  return (
    <p class="small muted">
      You can also complain to the Information Commissioner at any time, free of charge:{' '}
      <a href="https://ico.org.uk/make-a-complaint/" rel="noreferrer">
        ico.org.uk/make-a-complaint
      </a>
      .
    </p>
  );
}

/** How far a complaint has come, and what the business has said. */
export function ComplaintState({ complaint }: { complaint: OwnComplaint }) {
  const { id, state, createdAt, answeredAt, result, answer, updates, acknowledged } = complaint;
  return (
    <div class="own-updates">
      <dl class="card own">
        <div>
          <dt>Number</dt>
          <dd>{id}</dd>
        </div>
        <div>
          <dt>Status</dt>
          <dd>{STATE[state]}</dd>
        </div>
        <div>
          <dt>Received</dt>
          <dd>
            <time dateTime={createdAt}>{longDateTime(createdAt)}</time>
          </dd>
        </div>
        {answeredAt && (
          <div>
            <dt>Answered</dt>
            <dd>{longDateTime(answeredAt)}</dd>
          </div>
        )}
      </dl>
      {acknowledged && state === 'open' && <p class="muted">We have emailed you an acknowledgement.</p>}
      {updates.length > 0 && (
        <ul class="own-updates">
          {updates.map((one) => (
            <li key={one.at}>
              <p class="small muted">{longDateTime(one.at)}</p>
              <p class="break lines">{one.text}</p>
            </li>
          ))}
        </ul>
      )}
      {result && (
        <div class="own-updates">
          <p>
            <strong>{RESULT[result]}</strong>
          </p>
          <p class="break lines">{answer}</p>
        </div>
      )}
      <Regulator />
    </div>
  );
}

/** The part of a visitor's own page where they complain to the business that they asked. */
export function ComplainSection({
  site,
  complaint,
  path,
  made,
}: {
  site: string;
  complaint: OwnComplaint | null;
  path: { token: string };
  made: (complaint: OwnComplaint) => void;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <section class="own-erase" aria-labelledby="complain-title">
      <h2 id="complain-title">{complaint ? `Your complaint to ${site}` : 'Complain about your data'}</h2>
      {complaint ? (
        <ComplaintState complaint={complaint} />
      ) : (
        <>
          <p class="muted">
            If {site} has handled your personal data badly, tell them. They must look into it and tell you the outcome.
          </p>
          <Button onClick={() => setAsking(true)}>Complain to {site}</Button>
        </>
      )}
      {asking && (
        <DialogForm
          title={`Complain to ${site}`}
          lead={
            <p>
              {site} gets your complaint with your name and number, and keeps it until a year after the answer, even if
              you erase your request.
            </p>
          }
          fields={{ message: MESSAGE, email: 'Email' }}
          check={needed}
          send={async (values) => {
            const body = { message: text(values, 'message'), email: text(values, 'email') || null };
            made(await call('PUT', '/v1/callbacks/{token}/complaint', { path, body, open: true }));
            setAsking(false);
          }}
          button="Send complaint"
          close={() => setAsking(false)}
        >
          {(errors) => (
            <>
              <TextField label={MESSAGE} name="message" error={errors.message} />
              <Field
                label="Email"
                name="email"
                type="email"
                autocomplete="email"
                optional
                hint="Where to send the acknowledgement and the answer. Without it, you’ll find them on this page."
                error={errors.email}
              />
            </>
          )}
        </DialogForm>
      )}
    </section>
  );
}

/** A complaint's own page, or the form for somebody without a link to a request. */
export default function ComplainPage() {
  const { query } = usePlace();
  const token = query.get('token') ?? '';
  const site = query.get('site') ?? '';
  if (token) return <Shown key={token} token={token} />;
  return <ToSite key={site} site={site} />;
}

function Shown({ token }: { token: string }) {
  const { data, error, reload } = useLoad(`complaint ${token}`, (signal) =>
    call('GET', '/v1/callbacks/{token}/complaint', { path: { token }, signal, open: true }),
  );
  if (data) {
    return (
      <Page key="shown" title={`Your complaint to ${data.site}`} width="narrow" lead={lead(data)}>
        <ComplaintState complaint={data} />
      </Page>
    );
  }
  return <Missing error={error} retry={reload} />;
}

function Missing({ error, retry }: { error?: ApiError; retry: () => void }) {
  const gone = error?.status === 404 || error?.status === 400;
  return (
    <Page
      key="none"
      title={gone ? 'Complaint not found' : 'Your complaint'}
      width="narrow"
      lead={gone ? 'The link may be incomplete, or the complaint was deleted a year after it was answered.' : undefined}
    >
      {error ? !gone && <Failed error={error} retry={retry} /> : <Loading what="Loading your complaint" rows={2} />}
    </Page>
  );
}

const lead = ({ state, site }: OwnComplaint): string =>
  state === 'answered'
    ? `${site} has looked into it and answered.`
    : `${site} has to look into it without undue delay, keep you informed and tell you the outcome.`;

function ToSite({ site }: { site: string }) {
  const path = { key: site };
  const { data, error, reload } = useLoad(`complain to ${site}`, (signal) => {
    if (!site) throw new ApiError(404, 'not-found', '');
    return call('GET', '/v1/widget/{key}', { path, signal, open: true });
  });
  const [made, setMade] = useState<OwnComplaint>();
  // One for each time that the page is opened: sent again after a lost answer, the complaint is the same.
  const [key] = useState(() => crypto.randomUUID());
  if (made) {
    return (
      <Page key="made" title="Your complaint has been sent" width="narrow" lead={`It’s number ${made.id}.`}>
        <ComplaintState complaint={made} />
        <p class="own-note">
          <a href={made.link}>Keep this link</a> to see what becomes of it.
        </p>
      </Page>
    );
  }
  if (!data) {
    const gone = error?.status === 404 || error?.status === 400;
    return (
      <Page
        key="none"
        title={gone ? 'Business not found' : 'Complain about your data'}
        width="narrow"
        lead={
          gone
            ? 'The link may be incomplete, or the business no longer uses Mi Connect. Write to the business itself: ' +
              'a complaint counts however it is made.'
            : undefined
        }
      >
        {error ? !gone && <Failed error={error} retry={reload} /> : <Loading what="Loading" rows={2} />}
        {gone && <Regulator />}
      </Page>
    );
  }
  return (
    <Page
      key="form"
      title={`Complain to ${data.name}`}
      width="narrow"
      lead={`If ${data.name} has handled your personal data badly, tell them. They must look into it and answer.`}
    >
      <Form
        fields={{ message: MESSAGE, name: 'Name', email: 'Email', phone: 'Phone number' }}
        check={(values) => ({
          ...needed(values),
          ...(!text(values, 'email') &&
            !text(values, 'phone') && {
              email: 'Give an email address or a phone number, so that you can be answered.',
            }),
        })}
        send={async (values) => {
          const body = {
            message: text(values, 'message'),
            name: text(values, 'name') || null,
            email: text(values, 'email') || null,
            phone: text(values, 'phone') || null,
          };
          setMade(await call('POST', '/v1/widget/{key}/complaints', { path, body, once: key, open: true }));
        }}
      >
        {({ errors, busy }) => (
          <>
            <TextField label={MESSAGE} name="message" error={errors.message} />
            <Field label="Name" name="name" autocomplete="name" optional error={errors.name} />
            <Field
              label="Email"
              name="email"
              type="email"
              autocomplete="email"
              hint="Where to send the acknowledgement and the answer."
              error={errors.email}
            />
            <Field
              label="Phone number"
              name="phone"
              type="tel"
              autocomplete="tel"
              hint="If you don’t give an email, they’ll answer by phone."
              error={errors.phone}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Send complaint
              </Button>
            </div>
          </>
        )}
      </Form>
      <p class="small muted own-note">{data.name} keeps your complaint until a year after the answer.</p>
      <Regulator />
    </Page>
  );
}
