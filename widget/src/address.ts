// What may be told of where a visit is and came from. Queries and fragments carry
// names, tokens and searches, so they never leave the page.

/** The page without query and fragment; of one without an address of its own, such as srcdoc, the page around it. */
export function pageAddress(at: { host: string; href: string }, around: string): string {
  return (at.host ? at.href : around).split(/[?#]/)[0]!.slice(0, 1024);
}

/** The campaign's utm_source if it is a plain word, else the host that linked here; the API drops the site's own. */
export function sourceOf(search: string, referrer: string): string | undefined {
  return /[?&]utm_source=([\w.-]{1,64})(&|$)/.exec(search)?.[1] || referrer.split('/')[2];
}
