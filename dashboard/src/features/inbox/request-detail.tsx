import { useEffect, useRef } from 'preact/hooks';
import type { Callback, CallbackMark } from '../../lib/api.gen';
import { ago, dateTime, longDateTime, ownZone, zoneName } from '../../lib/format';
import { Button } from '../../ui/button';
import { Note } from './note';
import { DUE, entryOf, OUTCOMES, stateOf } from './words';

/** A visitor's address may hold what would fill in a subject or another recipient. */
const mailto = (email: string): string => `mailto:${encodeURIComponent(email).replaceAll('%40', '@')}`;
const tel = (phone: string): string => `tel:${phone.replace(/[^+\d]/g, '')}`;

interface Props {
  item: Callback;
  timeZone: string;
  /** Whether the person may work on requests, or only read them. */
  works: boolean;
  back: string;
  mark: (item: Callback, what: CallbackMark) => Promise<boolean>;
}

export function RequestDetail({ item, timeZone, works, back, mark }: Props) {
  const name = `detail-${item.id}`;
  const call = async (event: MouseEvent) => {
    if (!works || item.status === 'cancelled' || item.claim?.mine) return;
    event.preventDefault(); // not before it is known that nobody else is calling
    if (await mark(item, { claim: true })) location.href = tel(item.phone);
  };
  return (
    <article class="card request" aria-labelledby={name}>
      <p class="request-back">
        <a href={back}>← All requests</a>
      </p>
      <header class="request-head">
        <h2 id={name} tabIndex={-1}>
          {item.name}
        </h2>
        <span class={`tag tag-${item.status}`}>{stateOf(item)}</span>
      </header>
      {item.claim && !item.claim.mine && (
        <p class="note" role="status">
          {item.claim.name} is calling.
        </p>
      )}
      <p class="request-phone">
        <a class="button button-primary" id={`call-${item.id}`} href={tel(item.phone)} onClick={call}>
          Call {item.phoneShown}
        </a>
        {item.claim?.mine && (
          <Button look="bare" small onClick={() => mark(item, { claim: false })}>
            I’m not calling
          </Button>
        )}
      </p>
      {works && <Outcomes item={item} name={name} mark={mark} />}
      <Facts item={item} timeZone={timeZone} />
      {works || item.note ? <Note key={item.id} item={item} works={works} mark={mark} /> : null}
      <History item={item} timeZone={timeZone} />
    </article>
  );
}

function Outcomes({ item, name, mark }: Pick<Props, 'item' | 'mark'> & { name: string }) {
  const actions = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  const press = (what: CallbackMark) => {
    pressed.current = true;
    mark(item, what);
  };
  // The pressed button goes with its status: the focus moves to what can be done now.
  useEffect(() => {
    if (pressed.current) actions.current?.querySelector('button')?.focus();
    pressed.current = false;
  }, [item.status]);
  if (item.status === 'cancelled') return null;
  return (
    <div class="request-do" ref={actions} role="group" aria-label="How did it go?">
      {item.status === 'new' ? (
        <>
          <p class="request-ask">How did it go?</p>
          {OUTCOMES.map(({ id, label }) => (
            <Button key={id} small aria-describedby={name} onClick={() => press({ outcome: id })}>
              {label}
            </Button>
          ))}
        </>
      ) : (
        <Button small aria-describedby={name} onClick={() => press({ status: 'new' })}>
          Mark as new
        </Button>
      )}
    </div>
  );
}

function Facts({ item, timeZone }: Pick<Props, 'item' | 'timeZone'>) {
  return (
    <dl class="request-facts">
      <div>
        <dt>Preferred time</dt>
        <dd>
          {item.at ? (
            <>
              <time dateTime={item.at} title={longDateTime(item.at, timeZone)}>
                {dateTime(item.at, timeZone)}
              </time>
              {timeZone !== ownZone() && <span class="muted"> {zoneName(timeZone)} time</span>}
            </>
          ) : (
            'As soon as possible'
          )}
        </dd>
      </div>
      {item.promise && (
        <div>
          <dt>{DUE[item.promise.state]}</dt>
          <dd>
            <time dateTime={item.promise.due} title={longDateTime(item.promise.due, timeZone)}>
              {dateTime(item.promise.due, timeZone)}
            </time>
          </dd>
        </div>
      )}
      <div>
        <dt>Requested</dt>
        <dd>
          <time dateTime={item.createdAt} title={longDateTime(item.createdAt, timeZone)}>
            {ago(item.createdAt)}
          </time>
        </dd>
      </div>
      {item.department && (
        <div>
          <dt>Department</dt>
          <dd>{item.department}</dd>
        </div>
      )}
      {item.email && (
        <div class="request-wide">
          <dt>Email</dt>
          <dd class="break">
            <a href={mailto(item.email)}>{item.email}</a>
          </dd>
        </div>
      )}
      <div class="request-wide">
        <dt>Page</dt>
        <dd class="break">{item.page.replace(/^https?:\/\//, '') || '–'}</dd>
      </div>
      {item.message && (
        <div class="request-wide">
          <dt>Message</dt>
          <dd class="break">{item.message}</dd>
        </div>
      )}
    </dl>
  );
}

function History({ item, timeZone }: Pick<Props, 'item' | 'timeZone'>) {
  if (item.history.length === 0) return null;
  return (
    <section aria-label="History">
      <h3>History</h3>
      <ol class="request-history">
        {item.history.map((entry) => (
          <li key={entry.at + entry.what}>
            {entryOf(entry, item.name)}{' '}
            <time class="muted" dateTime={entry.at} title={longDateTime(entry.at, timeZone)}>
              {ago(entry.at)}
            </time>
          </li>
        ))}
      </ol>
    </section>
  );
}
