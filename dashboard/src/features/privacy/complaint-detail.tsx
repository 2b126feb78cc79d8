import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { ComplaintChange, SiteComplaint } from '../../lib/api.gen';
import { longDate, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Select, TextField } from '../../ui/field';
import { text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { daysLeft, RESULT, STATE, stepOf, whoOf } from './complaint-words';

type What = 'note' | 'update' | 'answer';

/** One complaint: what it says, what was done, and what is still to do. */
export function ComplaintDetail({ site, id }: { site: string; id: string }) {
  const path = { id: site, complaintId: id };
  const { data, error, reload, set } = useLoad(`complaint ${id}`, (signal) =>
    call('GET', '/v1/sites/{id}/complaints/{complaintId}', { path, signal }),
  );
  const [asking, setAsking] = useState<What | 'start' | null>(null);
  const close = () => {
    setAsking(null);
    reload(); // another may have been first
  };
  const above = (
    <p class="crumb">
      <a href="/app/complaints">
        <span aria-hidden="true">← </span>All complaints
      </a>
    </p>
  );
  if (!data) {
    return (
      <Page title="Complaint" above={above} width="column">
        {error ? <Failed error={error} retry={reload} /> : <Loading what="Loading complaint" />}
      </Page>
    );
  }
  const left = daysLeft(data);
  const change = async (what: Omit<ComplaintChange, 'version'>, said: string) => {
    const body = { ...what, version: data.version };
    try {
      set(await call('PATCH', '/v1/sites/{id}/complaints/{complaintId}', { path, body }));
    } catch (failure) {
      // Another was first: what is new shows behind the dialog, and what was written stays in it.
      if (failure instanceof ApiError && failure.code === 'conflict') reload();
      throw failure;
    }
    setAsking(null);
    toast({ text: said });
  };
  const answered = data.state === 'answered';
  return (
    <Page
      title={`Complaint ${data.id}`}
      above={above}
      width="column"
      lead={`From ${whoOf(data)} about ${data.siteName}.`}
    >
      <div class="complaint">
        <Facts complaint={data} left={left} />
        <section class="card" aria-labelledby="complaint-text">
          <h2 id="complaint-text">The complaint</h2>
          <p class="complaint-text">{data.message}</p>
        </section>
        {answered && (
          <section class="card" aria-labelledby="complaint-answer">
            <h2 id="complaint-answer">Your answer</h2>
            <p>
              <strong>{data.result && RESULT[data.result]}</strong>
            </p>
            <p class="complaint-text">{data.answer}</p>
            <p class="small muted">Deleted on {longDate(data.expiresAt!)}, a year after the answer.</p>
          </section>
        )}
        <div class="buttons">
          {!answered && (
            <>
              <Button look="primary" onClick={() => setAsking('answer')}>
                Answer
              </Button>
              <Button onClick={() => setAsking('update')}>Send an update</Button>
            </>
          )}
          <Button onClick={() => setAsking('note')}>Add a note</Button>
          {data.state !== 'in-progress' && (
            <Button onClick={() => setAsking('start')}>{answered ? 'Reopen' : 'Mark as in progress'}</Button>
          )}
        </div>
        <section class="card" aria-labelledby="complaint-history">
          <h2 id="complaint-history">History</h2>
          <ol class="complaint-history">
            {data.history.map((one, n) => (
              <li key={n}>
                <p>
                  {stepOf(one)} <span class="small muted">{longDateTime(one.at)}</span>
                </p>
                {one.text && <p class="complaint-text">{one.text}</p>}
              </li>
            ))}
          </ol>
        </section>
      </div>
      {asking === 'start' && (
        <DialogForm
          title={answered ? 'Reopen this complaint?' : 'Mark as in progress?'}
          lead={
            <p>
              {answered
                ? 'Your answer is withdrawn from the register; the email that was sent is not.'
                : 'The person sees on their page that you are looking into it.'}
            </p>
          }
          send={() => change({ state: 'in-progress' }, answered ? 'Complaint reopened.' : 'Marked as in progress.')}
          button={answered ? 'Reopen' : 'Mark as in progress'}
          close={close}
        />
      )}
      {asking && asking !== 'start' && <Write what={asking} complaint={data} change={change} close={close} />}
    </Page>
  );
}

function Facts({ complaint, left }: { complaint: SiteComplaint; left: ReturnType<typeof daysLeft> }) {
  const { name, email, phone, request, site, createdAt, lastDay, acknowledgedAt, answeredAt, state } = complaint;
  return (
    <section class="card" aria-label="Facts">
      <dl class="complaint-facts">
        <dt>Status</dt>
        <dd>{STATE[state]}</dd>
        <dt>Received</dt>
        <dd>{longDateTime(createdAt)}</dd>
        <dt>{answeredAt ? 'Answered' : 'Answer by'}</dt>
        <dd>
          {answeredAt ? longDateTime(answeredAt) : longDate(lastDay)}{' '}
          {left && <span class={`tag ${left.late ? 'tag-late' : left.soon ? 'tag-missed' : ''}`}>{left.text}</span>}
        </dd>
        <dt>Acknowledged</dt>
        <dd>
          {acknowledgedAt
            ? longDateTime(acknowledgedAt)
            : email
              ? 'Not yet. An update to the person does it.'
              : 'Not by email: none was given. Call the person and add a note.'}
        </dd>
        <dt>Name</dt>
        <dd>{name || 'Not given'}</dd>
        <dt>Email</dt>
        <dd>{email || 'Not given'}</dd>
        <dt>Phone</dt>
        <dd>{phone ? <a href={`tel:${phone}`}>{phone}</a> : 'Not given'}</dd>
        {request && (
          <>
            <dt>Request</dt>
            <dd>
              <a href={`/app/sites/${site}/inbox?request=${request}`}>Open in the inbox</a>, if it hasn’t been erased
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

const WORDS: Record<What, { title: string; label: string; button: string; said: string }> = {
  note: { title: 'Add a note', label: 'Note', button: 'Add note', said: 'Note added.' },
  update: { title: 'Send an update', label: 'Update', button: 'Send update', said: 'Update sent.' },
  answer: { title: 'Answer the complaint', label: 'Answer', button: 'Send answer', said: 'Complaint answered.' },
};

interface WriteProps {
  what: What;
  complaint: SiteComplaint;
  change: (what: Omit<ComplaintChange, 'version'>, said: string) => Promise<void>;
  close: () => void;
}

function Write({ what, complaint, change, close }: WriteProps) {
  const { title, label, button, said } = WORDS[what];
  const reached = complaint.email
    ? `Emailed to ${complaint.email}${complaint.request ? ' and shown on the page of their request' : ''}.`
    : complaint.request
      ? 'They gave no email: it’s shown on the page of their request. Call them, too.'
      : 'They gave no email, so nothing is sent: call them, and write here what you said.';
  return (
    <DialogForm
      title={title}
      lead={<p>{what === 'note' ? 'Only your account’s owners and admins can read it.' : reached}</p>}
      fields={{ result: 'Result', [what]: label }}
      check={(values) => ({
        ...(what === 'answer' && !text(values, 'result') && { result: 'Choose what you found.' }),
        ...(!text(values, what) && { [what]: 'Required.' }),
      })}
      send={(values) => {
        const result = text(values, 'result') as NonNullable<SiteComplaint['result']>;
        return change({ [what]: text(values, what), ...(what === 'answer' && { result }) }, said);
      }}
      button={button}
      close={close}
    >
      {(errors) => (
        <>
          {what === 'answer' && (
            <Select label="Result" name="result" error={errors.result}>
              <option value="">Choose</option>
              {Object.entries(RESULT).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </Select>
          )}
          <TextField
            label={label}
            name={what}
            hint={
              what === 'answer'
                ? 'Say what you found and what you have done. The email names the Information Commissioner.'
                : undefined
            }
            error={errors[what]}
          />
        </>
      )}
    </DialogForm>
  );
}
