// Everything the widget keeps in a browser passes through here. A key that the
// published cookie policy does not list has no area, and is neither read nor written.

/** Put in by the build: the areas of the keys that shared/policy/manifest.json lists for customers' pages. */
declare const POLICY_AREAS: Readonly<Record<string, 'sessionStorage' | 'localStorage'>>;

export type Key = 'mc_session' | 'mc_cookies';

/** Storage that has refused once is as good as blocked. */
let broken: unknown;
/** What would be stored, on a page that asks for nothing to be: it ends with the page. */
let memory: Record<string, string> | undefined;

export function forgetful(): void {
  memory = {};
}

const areaOf = (key: Key): Record<string, string> => memory || window[POLICY_AREAS[key]!];

/** The stored value; null when there is none, undefined when storage is blocked. */
export function read(key: Key): string | null | undefined {
  try {
    if (!broken) return areaOf(key)[key] || null;
  } catch {}
  return;
}

/** Stores a value, or removes it when empty. Where storage is blocked or full, nothing is kept. */
export function write(key: Key, value: string): void {
  try {
    if (value) areaOf(key)[key] = value;
    else delete areaOf(key)[key];
  } catch (reason) {
    broken = reason;
  }
}
