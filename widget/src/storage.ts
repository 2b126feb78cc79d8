// Everything the widget keeps in a browser passes through here. A key that the
// published cookie policy does not list has no area, and is neither read nor written.

const areas = { mc_session: 'sessionStorage', mc_cookies: 'localStorage' } as const;

export type Key = keyof typeof areas;

/** The stored value; null when there is none, undefined when storage is blocked. */
export function read(key: Key): string | null | undefined {
  try {
    return window[areas[key]].getItem(key);
  } catch {}
  return;
}

/** Stores a value, or removes it when empty. Where storage is blocked or full, nothing is kept. */
export function write(key: Key, value: string): void {
  try {
    const area = window[areas[key]];
    if (value) area.setItem(key, value);
    else area.removeItem(key);
  } catch {}
}
