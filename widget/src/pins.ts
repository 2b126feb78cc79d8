// How a loader that a page has pinned takes its parts: only the very ones it was built with.
import { h } from './dom';

/**
 * The module at an address, if it is the one with this digest. A modulepreload is checked by the browser, and the
 * import takes what it has kept. WebKit does not check one (2.50), and Safari 16 has none: so the file is fetched under
 * the same check before, and the import finds it in the cache.
 */
export async function checked<T>(root: ShadowRoot, href: string, digest: string): Promise<T> {
  const integrity = 'sha256-' + digest + '=';
  await fetch(href, { integrity, credentials: 'omit' });
  const link = h<HTMLLinkElement>('link', { rel: 'modulepreload', href, integrity, crossorigin: 'anonymous' });
  if (link.relList.supports('modulepreload'))
    await new Promise((taken, refused) => {
      link.onload = taken;
      link.onerror = () => refused('not as pinned: ' + href);
      root.prepend(link);
    });
  return import(href);
}
