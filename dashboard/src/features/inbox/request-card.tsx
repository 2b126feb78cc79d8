import { useEffect, useRef } from 'preact/hooks';
import type { Callback, Status } from '../../lib/api.gen';
import { ago, dateTime, longDateTime, ownZone, zoneName } from '../../lib/format';
import { Button } from '../../ui/button';

/** A visitor's address may hold what would fill in a subject or another recipient. */
const mailto = (email: string): string => `mailto:${encodeURIComponent(email).replaceAll('%40', '@')}`;

export const STATUS: Record<Status, string> = {
  new: 'New',
  called: 'Called',
  missed: 'Missed',
  cancelled: 'Cancelled',
};

interface Props {
  item: Callback;
  timeZone: string;
  mark: (item: Callback, status: Status) => void;
}

export function Request({ item, timeZone, mark }: Props) {
  const name = `request-${item.id}`;
  const actions = useRef<HTMLDivElement>(null);
  const pressed = useRef(false);
  const press = (status: Status) => {
    pressed.current = true;
    mark(item, status);
  };
  // The pressed button goes with its status: the focus moves to what can be done now.
  useEffect(() => {
    if (pressed.current) actions.current?.querySelector('button')?.focus();
    pressed.current = false;
  }, [item.status]);
  return (
    <li class={`card request request-${item.status}`} aria-labelledby={name}>
      <div class="request-who">
        <h2 id={name} tabIndex={-1}>
          {item.name}
        </h2>
        <p class="request-phone">
          <a href={`tel:${item.phone.replace(/[^+\d]/g, '')}`}>{item.phone}</a>
        </p>
        {item.email && (
          <p class="break">
            <a href={mailto(item.email)}>{item.email}</a>
          </p>
        )}
      </div>
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
        <div>
          <dt>Requested</dt>
          <dd>
            <time dateTime={item.createdAt} title={longDateTime(item.createdAt, timeZone)}>
              {ago(item.createdAt)}
            </time>
          </dd>
        </div>
        <div>
          <dt>Page</dt>
          <dd class="break">{item.page.replace(/^https?:\/\//, '') || '–'}</dd>
        </div>
        {item.department && (
          <div>
            <dt>Department</dt>
            <dd>{item.department}</dd>
          </div>
        )}
        {item.message && (
          <div class="request-message">
            <dt>Message</dt>
            <dd class="break">{item.message}</dd>
          </div>
        )}
      </dl>
      <div class="request-do" ref={actions}>
        <span class={`tag tag-${item.status}`}>{STATUS[item.status]}</span>
        {item.status === 'new' && (
          <>
            <Button small look="primary" aria-describedby={name} onClick={() => press('called')}>
              Mark as called
            </Button>
            <Button small aria-describedby={name} onClick={() => press('missed')}>
              Mark as missed
            </Button>
          </>
        )}
        {(item.status === 'called' || item.status === 'missed') && (
          <Button small aria-describedby={name} onClick={() => press('new')}>
            Mark as new
          </Button>
        )}
      </div>
    </li>
  );
}
