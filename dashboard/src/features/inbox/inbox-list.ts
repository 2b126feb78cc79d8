import type { Callback, CallbackMark } from '../../lib/api.gen';

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

export const newer = (a: Callback, b: Callback): Callback => (at(a.updatedAt) > at(b.updatedAt) ? a : b);

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
  if (next.status !== item.status || what.claim === false) next.claim = null;
  if (typeof what.note === 'string') next.note = what.note;
  return next;
}

/** What takes a request back to where it stood. What the visitor cancelled is never changed here. */
export const undoOf = (before: Callback): CallbackMark =>
  before.outcome ? { outcome: before.outcome } : { status: before.status as NonNullable<CallbackMark['status']> };

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
