import type { Callback, CallbackMark } from '../../lib/api.gen';

// How the inbox's list changes, apart from how it looks.

// Fractions of seconds are written only where there are any, so times are not compared as texts.
const at = (iso: string): number => Date.parse(iso);

/** What waits: new, or to be tried again. */
export const waits = (item: Callback): boolean =>
  item.status === 'new' || (item.status === 'missed' && item.tryAt !== null);

/** Within what time a call is expected where nothing was promised. */
const SOON = 3_600_000;

/** When a call is expected, as the API orders it. */
export const expected = (item: Callback): number => {
  const time = item.tryAt ?? item.promise?.due ?? item.at;
  return time ? at(time) : at(item.createdAt) + SOON;
};

export const overdue = (item: Callback, now = Date.now()): boolean => waits(item) && expected(item) < now;

/** What waits by when it is due, then the rest, newest first. */
export function order(a: Callback, b: Callback): number {
  if (waits(a) !== waits(b)) return waits(a) ? -1 : 1;
  return waits(a) ? expected(a) - expected(b) : at(b.createdAt) - at(a.createdAt);
}

export const newer = (a: Callback, b: Callback): Callback => (at(a.updatedAt) > at(b.updatedAt) ? a : b);

/**
 * The list after its first page was read again. One that left the page's filter goes, unless the reader changed it
 * here: it stays in place until they leave the view.
 */
export function merge(
  shown: Callback[],
  page: Callback[],
  complete: boolean,
  touched: ReadonlySet<string>,
): Callback[] {
  const last = page[page.length - 1];
  const fresh = new Map(page.map((item) => [item.id, item]));
  const further = shown.filter(
    (item) => !fresh.has(item.id) && !touched.has(item.id) && last && !complete && order(item, last) > 0,
  );
  const merged = [...page.filter((item) => !touched.has(item.id)), ...further];
  shown.forEach((item, place) => {
    if (!touched.has(item.id)) return;
    const now = fresh.get(item.id);
    merged.splice(Math.min(place, merged.length), 0, now ? newer(now, item) : item);
    fresh.delete(item.id);
  });
  return [...merged, ...page.filter((item) => touched.has(item.id) && fresh.has(item.id))];
}

/** The list with a further page at its end. */
export function append(shown: Callback[], page: Callback[]): Callback[] {
  const have = new Set(shown.map((item) => item.id));
  return [...shown, ...page.filter((item) => !have.has(item.id))];
}

/** How a request looks once the API has taken what was done. */
export function shownAs(item: Callback, what: CallbackMark): Callback {
  const next = { ...item };
  if (what.outcome) {
    next.outcome = what.outcome;
    next.status = what.outcome === 'no-answer' ? 'missed' : 'called';
  } else if (what.status) {
    next.outcome = null;
    next.status = what.status;
  }
  if (next.status !== item.status || next.outcome !== item.outcome) next.tryAt = null;
  if (next.status !== item.status || what.claim === false) next.claim = null;
  if (typeof what.tryAt === 'string') next.tryAt = what.tryAt || null;
  if (typeof what.note === 'string') next.note = what.note;
  return next;
}

/** What takes a request back to where it stood. What the visitor cancelled is never changed here. */
export function undoOf(before: Callback): CallbackMark {
  const mark: CallbackMark = before.outcome
    ? { outcome: before.outcome }
    : { status: before.status as NonNullable<CallbackMark['status']> };
  return before.tryAt && at(before.tryAt) > Date.now() ? { ...mark, tryAt: before.tryAt } : mark;
}

/** The digits by which a number is found: "0161 496" finds "+44161496…". */
const digits = (text: string): string => text.replace(/\D/g, '').replace(/^0+/, '');

/** Those that a text is about: in the name, the number however it is typed, the page or what was written. */
export function found(items: Callback[], text: string): Callback[] {
  const words = text.trim().toLowerCase();
  if (!words) return items;
  const number = /^[\d\s()+-]+$/.test(words) ? digits(words) : '';
  return items.filter(
    (item) =>
      (number && digits(item.phone).includes(number)) ||
      [item.name, item.email, item.department, item.page, item.message, item.note].some((one) =>
        one.toLowerCase().includes(words),
      ),
  );
}

export function replace(shown: Callback[], item: Callback): Callback[] {
  return shown.map((old) => (old.id === item.id ? item : old));
}
