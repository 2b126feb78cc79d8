import type { Callback, Status } from '../../lib/api.gen';

// How the inbox's list changes, apart from how it looks.

// Fractions of seconds are written only where there are any, so times are not compared as texts.
const at = (iso: string): number => Date.parse(iso);

/**
 * The list after its first page was read again. New requests come on top; one that left the page's
 * filter goes, unless the reader changed it here: it stays in place until they leave the view.
 */
export function merge(
  shown: Callback[],
  page: Callback[],
  complete: boolean,
  touched: ReadonlySet<string>,
): Callback[] {
  const fresh = new Map(page.map((item) => [item.id, item]));
  const oldest = page[page.length - 1]?.createdAt;
  const kept = shown.flatMap((item) => {
    const now = fresh.get(item.id);
    fresh.delete(item.id);
    if (touched.has(item.id)) return [now && at(now.updatedAt) > at(item.updatedAt) ? now : item];
    if (now) return [now];
    const older = oldest !== undefined && at(item.createdAt) < at(oldest) && !complete;
    return older ? [item] : [];
  });
  return [...fresh.values(), ...kept].sort((a, b) => at(b.createdAt) - at(a.createdAt));
}

/** The list with a further page at its end. */
export function append(shown: Callback[], page: Callback[]): Callback[] {
  const have = new Set(shown.map((item) => item.id));
  return [...shown, ...page.filter((item) => !have.has(item.id))];
}

export function withStatus(shown: Callback[], id: string, status: Status): Callback[] {
  return shown.map((item) => (item.id === id ? { ...item, status } : item));
}

export function replace(shown: Callback[], item: Callback): Callback[] {
  return shown.map((old) => (old.id === item.id ? item : old));
}
