import { useEffect, useState } from 'preact/hooks';

// The address is the state: views, ranges and filters live in it, so that back, reload and sharing work.
const MOVED = 'mi:moved';

export interface Place {
  path: string;
  query: URLSearchParams;
}

export const place = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });

export function navigate(to: string, { replace = false } = {}): void {
  const from = location.pathname;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  if (location.pathname !== from) scrollTo(0, 0);
  dispatchEvent(new Event(MOVED));
}

export function usePlace(): Place {
  const [now, set] = useState(place);
  useEffect(() => {
    const update = () => set(place());
    addEventListener(MOVED, update);
    addEventListener('popstate', update);
    update();
    return () => {
      removeEventListener(MOVED, update);
      removeEventListener('popstate', update);
    };
  }, []);
  return now;
}

/** Matches `/app/sites/:id` and the like; returns the named parts, or null. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split('/');
  const given = path.length > 1 ? path.replace(/\/+$/, '').split('/') : path.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (let i = 0; i < wanted.length; i++) {
    const want = wanted[i]!;
    const have = given[i]!;
    if (!want.startsWith(':')) {
      if (want !== have) return null;
      continue;
    }
    try {
      parts[want.slice(1)] = decodeURIComponent(have);
    } catch {
      return null;
    }
    if (!have) return null;
  }
  return parts;
}

/** The token of a mailed link, taken out of the address before anything else sees it. */
export function useLinkToken(): string {
  const [token] = useState(() => {
    const found = new URLSearchParams(location.search).get('token') ?? '';
    if (found) history.replaceState(null, '', location.pathname);
    return found;
  });
  return token;
}

/** Where to go after logging in: an address of our own signed-in pages, or the start of them. */
export function safeNext(wanted: string | null, origin: string): string {
  const start = '/app';
  if (!wanted?.startsWith('/')) return start;
  let url: URL;
  try {
    url = new URL(wanted, origin);
  } catch {
    return start;
  }
  if (url.origin !== origin || (url.pathname !== '/app' && !url.pathname.startsWith('/app/'))) return start;
  return url.pathname + url.search;
}

/** Lets plain clicks on our own links change the view without loading the document again. */
export function catchLinks(): void {
  document.addEventListener('click', (event) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
    if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (/^\/(v1|widget|_local)(\/|$)|\.[a-z0-9]+$/.test(link.pathname)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    navigate(link.pathname + link.search + link.hash);
  });
}

/** Says which of our own pages somebody is about to open: a link under the pointer, or with the focus. */
export function soonWanted(tell: (path: string) => void): void {
  const look = ({ target }: Event) => {
    const link = (target as Element).closest?.('a[href]') as HTMLAnchorElement | null;
    if (link?.origin === location.origin && link.pathname !== location.pathname) tell(link.pathname);
  };
  document.addEventListener('pointerover', look);
  document.addEventListener('focusin', look);
}
