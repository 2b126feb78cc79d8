// A visit as mc_session holds it: its id, then a mark for each step that the server has acknowledged: `.`, the key of
// the site it was counted for, `:` and the step's first letter. An origin may carry more than one site.

export type Step = 'impression' | 'open' | 'submit';

/** 128 random bits as base64url. Not randomUUID: customers' pages on plain http lack it. */
export function randomId(): string {
  return btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16))))
    .replace(/\W/g, (letter) => (letter > '+' ? '_' : '-'))
    .slice(0, 22);
}

/** Whether a stored value is a visit. */
export function isVisit(stored: unknown): stored is string {
  return /^[\w-]{22}(\.|$)/.test(stored as string);
}
