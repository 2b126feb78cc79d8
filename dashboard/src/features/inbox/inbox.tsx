import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import type { Callback, CallbackMark, Site, Status } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { useMe } from '../../lib/me';
import { navigate, usePlace } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { Empty, Failed, Loading, Stale } from '../../ui/states';
import { toast } from '../../ui/toast';
import { append, found, merge, newer, replace, shownAs, undoOf } from './inbox-list';
import { Keys } from './keys';
import { RequestDetail } from './request-detail';
import { RequestRow } from './request-row';
import { STATUS, stateOf } from './words';
import './inbox.css';

const REFRESH = 10_000;
type Filter = Status | 'all';
const FILTERS: { id: Filter; label: string }[] = [
  { id: 'new', label: 'New' },
  { id: 'called', label: 'Called' },
  { id: 'missed', label: 'Missed' },
  { id: 'cancelled', label: 'Cancelled' },
  { id: 'all', label: 'All' },
];

export function InboxPage({ site }: { site: Site }) {
  const wanted = usePlace().query.get('status');
  const filter = FILTERS.find((one) => one.id === wanted)?.id ?? 'new';
  return (
    <>
      <nav class="ranges inbox-filter" aria-label="Filter requests by status">
        {FILTERS.map((one) => (
          <a key={one.id} href={`?status=${one.id}`} aria-current={one.id === filter ? 'true' : undefined}>
            {one.label}
          </a>
        ))}
      </nav>
      <List key={filter} site={site} filter={filter} />
    </>
  );
}

/** The requests that are shown: read again every few seconds, a page at a time, and changed at once. */
function useRequests(site: Site, filter: Filter) {
  const page = (how: { cursor?: string; signal?: AbortSignal }) =>
    call('GET', '/v1/sites/{id}/callbacks', {
      path: { id: site.id },
      query: { ...(filter !== 'all' && { status: filter }), ...(how.cursor && { cursor: how.cursor }) },
      signal: how.signal,
    });
  const { data, error, reload } = useLoad(`inbox ${site.id} ${filter}`, (signal) => page({ signal }), REFRESH);
  const [items, setItems] = useState<Callback[]>();
  const [next, setNext] = useState<string | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);
  const [arrived, setArrived] = useState('');
  const paged = useRef(false);
  const touched = useRef(new Set<string>());
  const saves = useRef(new Map<string, Promise<Callback>>());

  useEffect(() => {
    if (!data) return;
    if (!paged.current) setNext(data.next);
    setItems((shown) => {
      const merged = merge(shown ?? [], data.items, data.next === null, touched.current);
      const more = shown ? merged.filter((item) => !shown.some((old) => old.id === item.id)).length : 0;
      if (more) setArrived(more === 1 ? '1 new request' : `${more} new requests`);
      return merged;
    });
  }, [data]);

  const more = async () => {
    if (!next) return;
    setLoadingMore(true);
    try {
      const more = await page({ cursor: next });
      paged.current = true;
      setItems((shown) => append(shown ?? [], more.items));
      setNext(more.next);
      // The button that was pressed may be gone: continue at the first of what came.
      const first = more.items[0];
      if (first)
        requestAnimationFrame(() => document.getElementById(`request-${first.id}`)?.focus({ preventScroll: true }));
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
    setLoadingMore(false);
  };

  /** Shown at once; taken back when the API refuses, as it does when somebody else was first. */
  const mark = async (item: Callback, what: CallbackMark, undoable = true): Promise<boolean> => {
    touched.current.add(item.id);
    const after = shownAs(item, what);
    setItems((shown) => replace(shown ?? [], after));
    // One after another, each upon what the one before has left: two quick presses of one person are no conflict.
    const before = saves.current.get(item.id)?.catch(() => item) ?? Promise.resolve(item);
    const saving = before.then((seen) =>
      call('PATCH', '/v1/sites/{id}/callbacks/{callbackId}', {
        path: { id: site.id, callbackId: item.id },
        body: { ...what, updatedAt: newer(seen, item).updatedAt },
      }),
    );
    saves.current.set(item.id, saving);
    if (undoable && after.status !== item.status) {
      // What was saved is undone: not what somebody else has made of it since.
      const undo = () => saving.then((saved) => mark(saved, undoOf(item), false)).catch(() => false);
      toast({ text: `${item.name}: ${stateOf(after).toLowerCase()}.`, action: { label: 'Undo', run: undo } });
    }
    try {
      const saved = await saving;
      setItems((shown) => replace(shown ?? [], saved));
      return true;
    } catch (failure) {
      setItems((shown) => replace(shown ?? [], item));
      const first = failure instanceof ApiError && failure.status === 409;
      const why = failure instanceof ApiError ? ` ${failure.detail}` : '';
      toast({ text: first ? failure.detail : `${item.name} wasn’t updated.${why}`, bad: true });
      if (first) {
        touched.current.delete(item.id);
        reload();
      }
      return false;
    }
  };
  return { items, error, reload, next, more, loadingMore, arrived, mark };
}

function List({ site, filter }: { site: Site; filter: Filter }) {
  const { items, error, reload, next, more, loadingMore, arrived, mark } = useRequests(site, filter);
  const me = useMe();
  const wanted = usePlace().query.get('request');
  const [text, setText] = useState('');
  const last = useRef<string | null>(null);
  // Where there is room for one of both, the list and the request take turns: the focus goes with them.
  useEffect(() => {
    const to = wanted ? `detail-${wanted}` : last.current && `request-${last.current}`;
    last.current = wanted;
    if (to && !matchMedia('(min-width: 62rem)').matches) document.getElementById(to)?.focus();
  }, [wanted]);
  if (!items) return error ? <Failed error={error} retry={reload} /> : <Loading what="Loading requests" rows={4} />;

  const shown = found(items, text);
  const chosen = shown.find((item) => item.id === wanted);
  const open = chosen ?? shown[0];
  const to = (id?: string) => `?status=${filter}${id ? `&request=${id}` : ''}`;
  return (
    <>
      <Stale error={error} />
      <p class="visually-hidden" role="status">
        {arrived}
      </p>
      {wanted && !items.some((item) => item.id === wanted) && (
        <p class="note">
          {filter === 'all' ? (
            'The request you followed a link to may be further down, or have been erased.'
          ) : (
            <>
              The request you followed a link to isn’t among these.{' '}
              <a href={`?status=all&request=${encodeURIComponent(wanted)}`}>Look in all requests</a>
            </>
          )}
        </p>
      )}
      {items.length === 0 ? (
        <Nothing site={site} filter={filter} />
      ) : (
        <div class={`inbox${chosen ? ' inbox-chosen' : ''}`}>
          <div class="inbox-list">
            <input
              class="input inbox-find"
              type="search"
              id="inbox-find"
              aria-label="Find in these requests"
              placeholder="Name, number or words"
              value={text}
              onInput={(event) => setText(event.currentTarget.value)}
            />
            {shown.length === 0 && <p class="muted">None of the requests shown here match.</p>}
            <ul class="requests">
              {shown.map((item) => (
                <RequestRow
                  key={item.id}
                  item={item}
                  timeZone={site.timeZone}
                  href={to(item.id)}
                  chosen={item === open}
                />
              ))}
            </ul>
            {next && (
              <p class="more">
                <Button busy={loadingMore} onClick={more}>
                  Load more
                </Button>
              </p>
            )}
          </div>
          {open && (
            <RequestDetail
              key={open.id}
              item={open}
              timeZone={site.timeZone}
              works={me !== undefined && me.role !== 'viewer'}
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

function Nothing({ site, filter }: { site: Site; filter: Filter }) {
  if (filter !== 'new' && filter !== 'all') {
    return (
      <Empty title={`No ${filter} requests`}>
        <p>{STATUS[filter]} requests appear here.</p>
      </Empty>
    );
  }
  return (
    <Empty title={filter === 'new' ? 'No new requests' : 'No requests yet'}>
      <p>New requests from {site.name} appear here within seconds.</p>
      <ButtonLink href={`/app/sites/${site.id}/install`}>Check installation</ButtonLink>
    </Empty>
  );
}
