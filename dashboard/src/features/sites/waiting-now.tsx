import type { Callback, Home } from '../../lib/api.gen';
import { ago, dateTime, number } from '../../lib/format';
import { chooseAccount } from '../../lib/me';
import { navigate } from '../../lib/router';
import { waitingText } from '../../lib/waiting';
import { Button, ButtonLink } from '../../ui/button';

type Requests = Home['first'];

/** What is said of its times. */
function when(item: Callback): string {
  const due = item.tryAt ?? item.promise?.due ?? item.at;
  return due ? `due ${ago(due)}` : `asked ${ago(item.createdAt)}`;
}

/** Who waits, what is booked today and which promises are at risk: what somebody does first. */
export function WaitingNow({ home }: { home: Home }) {
  const { waiting, first, bookings, atRisk } = home;
  const name = (id: string) => home.sites.find((site) => site.id === id)?.name ?? '';
  return (
    <div class="home-now">
      <section class="card" aria-labelledby="home-waiting">
        <h2 id="home-waiting">
          {waiting.waiting ? `${waitingText(waiting)} waiting` : 'Nobody is waiting'}
          {waiting.overdue > 0 && <span class="tag tag-late">{number(waiting.overdue)} overdue</span>}
          {atRisk > 0 && <span class="tag tag-missed">{number(atRisk)} due within 30 minutes</span>}
        </h2>
        {first.length > 0 && (
          <>
            <List items={first} site={name} when={when} />
            <ButtonLink href="/app/inbox" look="primary" small>
              Open inbox
            </ButtonLink>
          </>
        )}
        {first.length === 0 && <p class="muted">New requests appear here within seconds.</p>}
      </section>
      <section class="card" aria-labelledby="home-today">
        <h2 id="home-today">Booked for today</h2>
        {bookings.length ? (
          <List items={bookings} site={name} when={(item) => dateTime(item.at!)} />
        ) : (
          <p class="muted">No more calls are booked for today.</p>
        )}
      </section>
      {home.clients.length > 0 && <Clients clients={home.clients} />}
    </div>
  );
}

function List({
  items,
  site,
  when,
}: {
  items: Requests;
  site: (id: string) => string;
  when: (item: Callback) => string;
}) {
  return (
    <ul class="home-list">
      {items.map((item) => (
        <li key={item.id}>
          <a href={`/app/inbox?request=${item.id}`}>{item.name}</a>
          <span class="muted">
            {site(item.site)} · {when(item)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** An agency's clients, those with the most waiting requests first. */
function Clients({ clients }: { clients: Home['clients'] }) {
  const open = (id: string) => {
    chooseAccount(id);
    navigate('/app');
  };
  return (
    <section class="card home-clients" aria-labelledby="home-clients">
      <h2 id="home-clients">Clients</h2>
      <ul class="home-list">
        {clients.map((client) => (
          <li key={client.id}>
            <Button look="bare" small onClick={() => open(client.id)}>
              {client.name}
            </Button>
            <span class="muted">
              {client.waiting ? `${waitingText(client)} waiting` : 'Nobody is waiting'}
              {client.since && `, the first asked ${ago(client.since)}`}
            </span>
            {client.overdue > 0 && <span class="tag tag-late">{number(client.overdue)} overdue</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}
