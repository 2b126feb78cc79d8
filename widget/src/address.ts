// What may be told of where a visit is and came from. Queries and fragments carry
// names, tokens and searches, so they never leave the page.

/** The page without query and fragment. */
export function pageAddress(at: { origin: string; pathname: string }): string {
  return (at.origin + at.pathname).slice(0, 1024);
}

/** The campaign's utm_source if it is a plain word, else the host of another site that linked here. */
export function sourceOf(at: { search: string; hostname: string }, referrer: string): string | undefined {
  const found = (/[?&]utm_source=([\w.-]{1,64})(&|$)/.exec(at.search) || /^https?:\/\/([^/:]+)/.exec(referrer))?.[1];
  return found === at.hostname ? undefined : found;
}
