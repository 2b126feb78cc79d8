import type { Callback } from '../../lib/api.gen';
import { ago, dateTime } from '../../lib/format';
import { stateOf } from './words';

interface Props {
  item: Callback;
  timeZone: string;
  href: string;
  chosen: boolean;
}

/** One line of the list. Who is calling matters more than when it was asked for. */
export function RequestRow({ item, timeZone, href, chosen }: Props) {
  return (
    <li>
      <a
        class={`request-row${chosen ? ' request-row-chosen' : ''}`}
        href={href}
        id={`request-${item.id}`}
        aria-current={chosen ? 'true' : undefined}
      >
        <span class="request-row-who">
          <strong class="request-row-name">{item.name}</strong>
          <span class="request-row-more">
            {item.phoneShown}
            {item.department && ` · ${item.department}`}
            {item.message && ` · ${item.message}`}
          </span>
        </span>
        <span class="request-row-state">
          {item.claim ? (
            <span class="tag tag-claimed">{item.claim.mine ? 'You’re calling' : `${item.claim.name} is calling`}</span>
          ) : (
            item.status !== 'new' && <span class={`tag tag-${item.status}`}>{stateOf(item)}</span>
          )}
          <span class="request-row-more">
            {item.at && item.status === 'new' ? `for ${dateTime(item.at, timeZone)}` : ago(item.createdAt)}
          </span>
        </span>
      </a>
    </li>
  );
}
