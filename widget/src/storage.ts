// Everything the widget keeps in a browser passes through here. A key that the
// published cookie policy does not list has no area, and is neither read nor written.

/** Put in by the build: the areas of the keys that shared/policy/manifest.json lists for customers' pages. */
declare const POLICY_AREAS: Readonly<Record<string, 'sessionStorage' | 'localStorage'>>;

export type Key = 'mc_session' | 'mc_cookies';

/** The stored value; null when there is none, undefined when storage is blocked. */
export function read(key: Key): string | null | undefined {
  try {
    return window[POLICY_AREAS[key]!].getItem(key);
  } catch {}
  return;
}

/** Stores a value, or removes it when empty. Where storage is blocked or full, nothing is kept. */
export function write(key: Key, value: string): void {
  try {
    const area = window[POLICY_AREAS[key]!];
    if (value) area.setItem(key, value);
    else area.removeItem(key);
  } catch {}
}
