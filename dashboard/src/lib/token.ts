/**
 * When a login token ends, in milliseconds, or null when it is not one of ours. The token carries its
 * end as its third part, so that the page can delete it on time without storing anything else.
 */
export function expiryOf(token: string): number | null {
  const parts = token.split('.');
  const end = parts[2];
  if (parts.length !== 3 || !parts[0] || !parts[1] || !end || !/^[0-9a-z]{1,9}$/.test(end)) return null;
  return parseInt(end, 36) * 1000;
}
