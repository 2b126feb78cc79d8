import type { Callback } from '../../lib/api.gen';
import { ago, dateTime } from '../../lib/format';
import { overdue, waits } from './inbox-list';
import { stateOf } from './words';

interface Props {
  item: Callback;
  /** Its name, where the list is of several. */
  site: string;
  timeZone: string;
  href: string;
  chosen: boolean;
  /** Whether it is ticked, for who may work on requests. */
  select?: { on: boolean; set: (on: boolean) => void };
}

/** One line of the list. Who is calling matters more than when it was asked for. */
export function RequestRow({ item, site, timeZone, href, chosen, select }: Props) {
  const late = overdue(item);
  return (
    <li class="request-line">
      {select && (
        <input
          type="checkbox"
          class="request-tick"
          aria-label={`Select ${item.name}`}
          checked={select.on}
          onChange={(event) => select.set(event.currentTarget.checked)}
        />
      )}
      <a
        class={`request-row${chosen ? ' request-row-chosen' : ''}${late ? ' request-row-late' : ''}`}
        href={href}
        id={`request-${item.id}`}
        aria-current={chosen ? 'true' : undefined}
      >
        <span class="request-row-who">
          <strong class="request-row-name">{item.name}</strong>
          <span class="request-row-more">
            {[item.phoneShown, site, item.department, item.message].filter(Boolean).join(' · ')}
          </span>
        </span>
        <span class="request-row-state">
          <State item={item} late={late} />
          <span class="request-row-more">{when(item, timeZone)}</span>
        </span>
      </a>
    </li>
  );
}

function State({ item, late }: { item: Callback; late: boolean }) {
  if (item.claim) {
    const who = item.claim.mine ? 'You’re calling' : `${item.claim.name} is calling`;
    return <span class="tag tag-claimed">{who}</span>;
  }
  if (late) return <span class="tag tag-late">Overdue</span>;
  if (item.status !== 'new') return <span class={`tag tag-${item.status}`}>{stateOf(item)}</span>;
  if (item.assigned) return <span class="tag">{item.assigned.mine ? 'You' : item.assigned.name}</span>;
  return null;
}

/** What matters of its times: until when it is due while it waits, and when it was asked for. */
function when(item: Callback, timeZone: string): string {
  if (!waits(item)) return ago(item.createdAt);
  if (item.tryAt) return `again ${ago(item.tryAt)}`;
  if (item.promise) return `due ${ago(item.promise.due)}`;
  return item.at ? `for ${dateTime(item.at, timeZone)}` : ago(item.createdAt);
}
