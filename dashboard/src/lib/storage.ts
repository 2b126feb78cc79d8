// The only module that touches web storage. A key that the cookie policy does not publish for our own
// pages is refused here.

/** Put in by the build: the areas of the keys that shared/policy/manifest.json lists for our own pages. */
declare const POLICY_AREAS: Readonly<Record<string, string>>;

export type Key = 'mc_token' | 'mc_cookies';

function published(key: Key): void {
  if (!Object.hasOwn(POLICY_AREAS, key) || POLICY_AREAS[key] !== 'localStorage')
    throw new Error(`storage: ${key} is not in the published policy`);
}

// Where the browser refuses storage, a value lives as long as the page does.
const memory = new Map<Key, string>();

export function read(key: Key): string | null {
  published(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

export function write(key: Key, value: string): void {
  published(key);
  try {
    localStorage.setItem(key, value);
  } catch {
    memory.set(key, value);
  }
}

export function remove(key: Key): void {
  published(key);
  memory.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // Nothing was stored.
  }
}

/** Calls back when another tab changed one of the keys (or all of them). */
export function onChange(listener: (key: Key | null) => void): () => void {
  const heard = (event: StorageEvent) => {
    if (event.key === null || Object.hasOwn(POLICY_AREAS, event.key)) listener(event.key as Key | null);
  };
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}
