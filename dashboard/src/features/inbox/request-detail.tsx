import { useEffect, useRef, useState } from 'preact/hooks';
import type { Callback, CallbackMark, Site } from '../../lib/api.gen';
import { ago, dateTime, longDateTime, ownZone, zoneName } from '../../lib/format';
import { Button } from '../../ui/button';
import { Copy } from '../../ui/copy';
import { BlockNumber } from './block-number';
import { waits } from './inbox-list';
import { Assign, TryAgain } from './next-call';
import { Note } from './note';
import type { Mark } from './use-requests';
import { DUE, entryOf, OUTCOMES, stateOf } from './words';

/** A visitor's address may hold what would fill in a subject or another recipient. */
const mailto = (email: string): string => `mailto:${encodeURIComponent(email).replaceAll('%40', '@')}`;
const tel = (phone: string): string => `tel:${phone.replace(/[^+\d]/g, '')}`;

interface Props {
  item: Callback;
  /** Whose request it is, where the list is of several sites. */
  site?: Site;
  timeZone: string;
  /** Whether the person may work on requests, or only read them. */
  works: boolean;
  back: string;
  mark: Mark;
}

export function RequestDetail({ item, site, timeZone, works, back, mark }: Props) {
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
      {site && (
        <p class="muted">
          <a href={`/app/sites/${site.id}/inbox?request=${item.id}`}>{site.name}</a>
        </p>
      )}
      {item.claim && !item.claim.mine && (
        <p class="note" role="status">
          {item.claim.name} is calling.
        </p>
      )}
      <p class="request-phone">
        <a class="button button-primary" id={`call-${item.id}`} href={tel(item.phone)} onClick={call}>
          Call <span id={`phone-${item.id}`}>{item.phoneShown}</span>
        </a>
        <Copy value={item.phoneShown} from={`phone-${item.id}`} small />
        {item.claim?.mine && (
          <Button look="bare" small onClick={() => mark(item, { claim: false })}>
            I’m not calling
          </Button>
        )}
      </p>
      {works && <Outcomes item={item} name={name} mark={mark} />}
      {works && <TryAgain item={item} mark={mark} />}
      {works && <Assign item={item} mark={mark} />}
      <Facts item={item} timeZone={timeZone} />
      {works || item.note ? <Note key={item.id} item={item} works={works} mark={mark} /> : null}
      <History item={item} timeZone={timeZone} />
      {works && <BlockNumber key={`block ${item.id}`} item={item} />}
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
    <div
      class={`request-do${item.claim?.mine ? ' request-calling' : ''}`}
      ref={actions}
      role="group"
      aria-label="How did it go?"
    >
      {waits(item) ? (
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
            {item.promise.state === 'waiting' || (item.promise.state === 'broken' && item.status === 'new') ? (
              <Countdown to={item.promise.due} />
            ) : null}
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

/** How long until a promise breaks, or since it did. */
function Countdown({ to }: { to: string }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 15_000);
    return () => clearInterval(timer);
  }, []);
  const late = Date.parse(to) < Date.now();
  return <strong class={late ? 'request-late' : 'request-left'}> {ago(to)}</strong>;
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
