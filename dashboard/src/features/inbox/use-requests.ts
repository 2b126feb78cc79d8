import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import type { Callback, CallbackMark, CallbackMarks } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { refreshWaiting } from '../../lib/waiting';
import { toast } from '../../ui/toast';
import type { Filter } from './filter';
import { queryOf } from './filter';
import { append, merge, newer, replace, shownAs, undoOf } from './inbox-list';
import { stateOf } from './words';

const REFRESH = 10_000;

export const readInbox = (filter: Filter, cursor?: string, signal?: AbortSignal) =>
  call('GET', '/v1/callbacks/inbox', { query: { ...queryOf(filter), ...(cursor && { cursor }) }, signal });

export type Mark = (item: Callback, what: CallbackMark, undoable?: boolean) => Promise<boolean>;

/** The requests that are shown: read again every few seconds, a page at a time, and changed at once. */
export function useRequests(filter: Filter) {
  const key = `inbox ${JSON.stringify(filter)}`;
  const { data, error, reload } = useLoad(key, (signal) => readInbox(filter, undefined, signal), REFRESH);
  const [items, setItems] = useState<Callback[]>();
  const [next, setNext] = useState<string | null>(null);
  const [reached, setReached] = useState<string | null>(null);
  const [loadingMore, setLoadingMore] = useState(false);
  const [arrived, setArrived] = useState('');
  const paged = useRef(false);
  const touched = useRef(new Set<string>());
  const saves = useRef(new Map<string, Promise<Callback>>());

  useEffect(() => {
    if (!data) return;
    if (!paged.current) {
      setNext(data.next);
      setReached(data.reached);
    }
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
      const more = await readInbox(filter, next);
      paged.current = true;
      setItems((shown) => append(shown ?? [], more.items));
      setNext(more.next);
      setReached(more.reached);
      // The button that was pressed may be gone: continue at the first of what came.
      const first = more.items[0];
      if (first)
        requestAnimationFrame(() => document.getElementById(`request-${first.id}`)?.focus({ preventScroll: true }));
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
    setLoadingMore(false);
  };

  const put = (item: Callback) => setItems((shown) => replace(shown ?? [], item));

  /** Shown at once; taken back when the API refuses, as it does when somebody else was first. */
  const mark: Mark = async (item, what, undoable = true) => {
    touched.current.add(item.id);
    const after = shownAs(item, what);
    put(after);
    // One after another, each upon what the one before has left: two quick presses of one person are no conflict.
    const before = saves.current.get(item.id)?.catch(() => item) ?? Promise.resolve(item);
    const saving = before.then((seen) =>
      call('PATCH', '/v1/sites/{id}/callbacks/{callbackId}', {
        path: { id: item.site, callbackId: item.id },
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
      put(await saving);
      refreshWaiting();
      return true;
    } catch (failure) {
      put(item);
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

  /** Does the same with several. Each on its own condition: the others are not kept from it. */
  const markAll = async (some: Callback[], what: CallbackMark, done: string): Promise<void> => {
    const send = async (marks: CallbackMarks) => {
      const { results } = await call('POST', '/v1/callbacks/mark', { body: marks });
      const saved = results.flatMap(({ callback }) => callback ?? []);
      for (const item of saved) {
        touched.current.add(item.id);
        put(item);
      }
      refreshWaiting();
      return { saved, failed: results.flatMap(({ id, problem }) => (problem ? { id, problem } : [])) };
    };
    const named = (item: Callback) => ({ site: item.site, id: item.id, updatedAt: item.updatedAt });
    try {
      const { saved, failed } = await send({ items: some.map(named), mark: what });
      const undo = () => {
        const items = saved.map((item) => ({ ...named(item), mark: undoOf(some.find((one) => one.id === item.id)!) }));
        send({ items, mark: { status: 'new' } }).then(
          ({ failed }) => failed.length && toast({ text: notChanged(failed, some), bad: true }),
          (failure) => toast({ text: detailOf(failure), bad: true }),
        );
      };
      const text = [saved.length && `${saved.length} ${done}.`, failed.length && notChanged(failed, some)];
      toast({
        text: text.filter(Boolean).join(' '),
        bad: failed.length > 0,
        ...(saved.length > 0 && { action: { label: 'Undo', run: undo } }),
      });
      if (failed.length) reload();
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
  };
  return { items, error, reload, next, reached, more, loadingMore, arrived, mark, markAll };
}

/** Says of those that were not changed why. */
function notChanged(failed: { id: string; problem: { detail: string } }[], all: Callback[]): string {
  const name = (id: string) => all.find((item) => item.id === id)?.name ?? 'One';
  const some = failed.slice(0, 3).map(({ id, problem }) => `${name(id)}: ${problem.detail}`);
  const more = failed.length > 3 ? ` And ${failed.length - 3} more.` : '';
  return `Not changed: ${some.join(' ')}${more}`;
}
