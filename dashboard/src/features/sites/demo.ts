/** The demo site of a local run stands on the next port; elsewhere there is none. */
export function demoAddress(here: { hostname: string; port: string }, key: string): string | null {
  if (here.hostname !== 'localhost' || !here.port) return null;
  return `http://127.0.0.1:${Number(here.port) + 1}/?site=${encodeURIComponent(key)}`;
}
