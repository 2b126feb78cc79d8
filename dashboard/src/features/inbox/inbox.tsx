import { useEffect, useRef, useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Callback, Site } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { useMe } from '../../lib/me';
import { navigate, usePlace } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading, Stale } from '../../ui/states';
import { Bulk } from './bulk';
import { addressOf, type Filter, filterOf, narrowed, STATES } from './filter';
import { Filters } from './filters';
import { found } from './inbox-list';
import { Keys } from './keys';
import { RequestDetail } from './request-detail';
import { RequestRow } from './request-row';
import { Reached, Search, useSearch } from './search';
import { useRequests } from './use-requests';
import './inbox.css';

/** The requests to all of the account's sites. */
export function AccountInbox() {
  const { data, error, reload } = useLoad('sites', (signal) => call('GET', '/v1/sites', { signal }));
  return (
    <Page title="Inbox">
      {data ? (
        <Requests sites={data.sites} />
      ) : error ? (
        <Failed error={error} retry={reload} />
      ) : (
        <Loading what="Loading requests" rows={4} />
      )}
    </Page>
  );
}

/** Those to one site, on the site's own page. */
export const InboxPage = ({ site }: { site: Site }) => <Requests sites={[site]} own={site.id} />;

interface Props {
  sites: Site[];
  own?: string;
}

function Requests({ sites, own }: Props) {
  const filter = filterOf(usePlace().query, own);
  return (
    <>
      <nav class="ranges inbox-filter" aria-label="Filter requests by status">
        {STATES.map((one) => (
          <a
            key={one.id}
            href={addressOf({ ...filter, state: one.id }, own)}
            aria-current={one.id === filter.state ? 'true' : undefined}
          >
            {one.label}
          </a>
        ))}
      </nav>
      <List key={addressOf(filter, own)} sites={sites} own={own} filter={filter} />
    </>
  );
}

function List({ sites, own, filter }: Props & { filter: Filter }) {
  const inbox = useRequests(filter);
  const { items, error, reload, arrived, markAll } = inbox;
  const me = useMe();
  const works = me !== undefined && me.role !== 'viewer';
  const wanted = usePlace().query.get('request');
  const [text, setText] = useState('');
  const search = useSearch(text, filter.site);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  useTurns(wanted);
  if (!items) return error ? <Failed error={error} retry={reload} /> : <Loading what="Loading requests" rows={4} />;

  // What the whole inbox has takes the place of what is loaded, once it is known; what was done here is newer.
  const known = new Map(items.map((item) => [item.id, item]));
  const shown = search.items ? search.items.map((item) => known.get(item.id) ?? item) : found(items, text);
  const chosen = shown.find((item) => item.id === wanted);
  const open = chosen ?? shown[0];
  const to = (id?: string) => addressOf(filter, own, id);
  const siteOf = (item: Callback) => sites.find((site) => site.id === item.site);
  const zone = (item: Callback) => siteOf(item)?.timeZone ?? 'Europe/London';
  const mark: typeof inbox.mark = (item, what, undoable) => {
    search.touch(item, what);
    return inbox.mark(item, what, undoable);
  };
  const select = (id: string, on: boolean) => {
    const next = new Set(selected);
    if (on) next.add(id);
    else next.delete(id);
    setSelected(next);
  };
  const picked = shown.filter((item) => selected.has(item.id) && item.status !== 'cancelled');
  return (
    <>
      <Stale error={error} />
      <p class="visually-hidden" role="status">
        {arrived}
      </p>
      {wanted && !chosen && !text && <NotHere filter={filter} own={own} wanted={wanted} />}
      <Filters sites={sites} own={own} filter={filter} />
      {items.length === 0 && !text && !inbox.next ? (
        <Nothing sites={sites} own={own} filter={filter} />
      ) : (
        <div class={`inbox${chosen ? ' inbox-chosen' : ''}`}>
          <div class="inbox-list">
            <Search text={text} set={setText} search={search} />
            {works && picked.length > 0 && (
              <Bulk
                items={picked}
                run={async (what, done) => {
                  await markAll(picked, what, done);
                  setSelected(new Set());
                }}
                clear={() => setSelected(new Set())}
              />
            )}
            {shown.length === 0 && !search.busy && <p class="muted">No requests match.</p>}
            <ul class="requests">
              {shown.map((item) => (
                <RequestRow
                  key={item.id}
                  item={item}
                  site={own ? '' : (siteOf(item)?.name ?? '')}
                  timeZone={zone(item)}
                  href={to(item.id)}
                  chosen={item === open}
                  select={works ? { on: selected.has(item.id), set: (on) => select(item.id, on) } : undefined}
                />
              ))}
            </ul>
            {search.items ? <Reached search={search} /> : <More inbox={inbox} />}
          </div>
          {open && (
            <RequestDetail
              key={open.id}
              item={open}
              site={own ? undefined : siteOf(open)}
              timeZone={zone(open)}
              works={works}
              back={to()}
              mark={mark}
            />
          )}
          <Keys items={shown} open={open} choose={(id) => navigate(to(id), { replace: true })} />
        </div>
      )}
    </>
  );
}

/** Where there is room for one of both, the list and the request take turns: the focus goes with them. */
function useTurns(wanted: string | null): void {
  const last = useRef<string | null>(null);
  useEffect(() => {
    const to = wanted ? `detail-${wanted}` : last.current && `request-${last.current}`;
    last.current = wanted;
    if (to && !matchMedia('(min-width: 62rem)').matches) document.getElementById(to)?.focus();
  }, [wanted]);
}

function More({ inbox }: { inbox: ReturnType<typeof useRequests> }) {
  if (!inbox.next) return null;
  return (
    <p class="more">
      <Button busy={inbox.loadingMore} onClick={inbox.more}>
        Load more
      </Button>
    </p>
  );
}

function NotHere({ filter, own, wanted }: { filter: Filter; own?: string; wanted: string }) {
  return (
    <p class="note">
      {filter.state === 'all' ? (
        'The request you followed a link to may be further down, or have been erased.'
      ) : (
        <>
          The request you followed a link to isn’t among these.{' '}
          <a href={addressOf({ ...filter, state: 'all' }, own, wanted)}>Look in all requests</a>
        </>
      )}
    </p>
  );
}

function Nothing({ sites, own, filter }: Props & { filter: Filter }) {
  if (narrowed(filter, own)) {
    return (
      <Empty title="No requests match these filters">
        <ButtonLink href={`?status=${filter.state}`}>Clear filters</ButtonLink>
      </Empty>
    );
  }
  if (filter.state !== 'waiting' && filter.state !== 'all') {
    return (
      <Empty title={`No ${filter.state} requests`}>
        <p>{STATES.find((one) => one.id === filter.state)!.label} requests appear here.</p>
      </Empty>
    );
  }
  const from = own ? sites[0]!.name : 'your sites';
  return (
    <Empty title={filter.state === 'waiting' ? 'Nobody is waiting' : 'No requests yet'}>
      <p>New requests from {from} appear here within seconds.</p>
      {own && <ButtonLink href={`/app/sites/${own}/install`}>Check installation</ButtonLink>}
    </Empty>
  );
}
