import { useEffect, useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Callback, CallbackMark } from '../../lib/api.gen';
import { day } from '../../lib/format';
import { Button } from '../../ui/button';
import { append, replace, shownAs } from './inbox-list';

const PAUSE = 350; // after the last key
/** How many pages are read before somebody is asked whether to read on. */
const PAGES = 6;
const ENOUGH = 20;

export interface Searched {
  /** What was found in the whole inbox so far; nothing while only what is loaded is searched. */
  items: Callback[] | undefined;
  busy: boolean;
  error: string;
  reached: string | null;
  further?: () => void;
  touch: (item: Callback, what: CallbackMark) => void;
}

/** Looks for a text in the whole inbox, page by page, until enough is found. */
export function useSearch(text: string, site: string): Searched {
  const wanted = text.trim();
  const [state, set] = useState<{ for: string; items: Callback[]; next: string | null; reached: string | null }>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const [from, setFrom] = useState<{ for: string; cursor: string }>();

  useEffect(() => {
    if (wanted.length < 2) return;
    const stop = new AbortController();
    const on = from?.for === wanted ? from.cursor : null;
    const run = async () => {
      setBusy(true);
      setError('');
      let items = on && state?.for === wanted ? state.items : [];
      const enough = items.length + ENOUGH;
      let cursor = on;
      try {
        for (let n = 0; n < PAGES && items.length < enough; n++) {
          const page = await call('POST', '/v1/callbacks/find', {
            body: { text: wanted, ...(site && { site }), ...(cursor && { cursor }) },
            signal: stop.signal,
          });
          items = append(items, page.items);
          cursor = page.next;
          set({ for: wanted, items, next: cursor, reached: page.reached });
          if (!cursor) break;
        }
      } catch (failure) {
        if (!stop.signal.aborted) setError(detailOf(failure));
      }
      if (!stop.signal.aborted) setBusy(false);
    };
    const timer = setTimeout(run, on ? 0 : PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
      setBusy(false);
    };
  }, [wanted, site, from]);

  const current = state?.for === wanted && wanted.length > 1 ? state : undefined;
  const next = current?.next;
  return {
    items: current?.items,
    busy,
    error,
    reached: current?.reached ?? null,
    ...(next && !busy && { further: () => setFrom({ for: wanted, cursor: next }) }),
    touch: (item, what) => set((now) => now && { ...now, items: replace(now.items, shownAs(item, what)) }),
  };
}

export function Search({ text, set, search }: { text: string; set: (text: string) => void; search: Searched }) {
  return (
    <>
      <input
        class="input inbox-find"
        type="search"
        id="inbox-find"
        maxLength={100}
        aria-label="Find requests"
        placeholder="Name, number or words"
        value={text}
        onInput={(event) => set(event.currentTarget.value)}
      />
      <p class="visually-hidden" role="status">
        {search.items && !search.busy && `${search.items.length} found`}
      </p>
      {search.error && <p class="field-error">{search.error}</p>}
    </>
  );
}

/** How far the search has come, and the way on. */
export function Reached({ search }: { search: Searched }) {
  if (!search.busy && !search.further) return null;
  return (
    <p class="more muted small">
      {search.reached && `Searched back to ${day(search.reached)}. `}
      <Button small busy={search.busy} onClick={search.further}>
        Search further
      </Button>
    </p>
  );
}
