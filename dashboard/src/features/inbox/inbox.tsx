import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import type { Callback, CallbackMark, Site, Status } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { usePlace } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { Empty, Failed, Loading, Stale } from '../../ui/states';
import { toast } from '../../ui/toast';
import { append, merge, replace, withStatus } from './inbox-list';
import { Request, STATUS } from './request-card';
import './inbox.css';

const REFRESH = 10_000;
const FILTERS: { id: Status | 'all'; label: string }[] = [
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

function List({ site, filter }: { site: Site; filter: Status | 'all' }) {
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
      toast({
        text: detailOf(failure),
        bad: true,
      });
    }
    setLoadingMore(false);
  };

  /** Shown at once; taken back when the API refuses. */
  const mark = async (item: Callback, status: Status, undoable = true) => {
    const before = item.status;
    touched.current.add(item.id);
    setItems((shown) => withStatus(shown ?? [], item.id, status));
    if (undoable) {
      toast({
        text: `${item.name}: ${STATUS[status].toLowerCase()}.`,
        action: { label: 'Undo', run: () => mark({ ...item, status }, before, false) },
      });
    }
    try {
      const saved = await call('PATCH', '/v1/sites/{id}/callbacks/{callbackId}', {
        path: { id: site.id, callbackId: item.id },
        body: { status: status as CallbackMark['status'] },
      });
      setItems((shown) => replace(shown ?? [], saved));
    } catch (failure) {
      setItems((shown) => withStatus(shown ?? [], item.id, before));
      toast({
        text:
          failure instanceof ApiError
            ? `${item.name} wasn’t updated. ${failure.detail}`
            : `${item.name} wasn’t updated.`,
        bad: true,
      });
    }
  };

  if (!items) return error ? <Failed error={error} retry={reload} /> : <Loading what="Loading requests" rows={4} />;
  return (
    <>
      <Stale error={error} />
      <p class="visually-hidden" role="status">
        {arrived}
      </p>
      {items.length === 0 ? (
        <Nothing site={site} filter={filter} />
      ) : (
        <ul class="requests">
          {items.map((item) => (
            <Request key={item.id} item={item} timeZone={site.timeZone} mark={mark} />
          ))}
        </ul>
      )}
      {next && (
        <p class="more">
          <Button busy={loadingMore} onClick={more}>
            Load more
          </Button>
        </p>
      )}
    </>
  );
}

function Nothing({ site, filter }: { site: Site; filter: Status | 'all' }) {
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
