// What a request needs that does not go through at once. Loaded only then.
import type { Send } from './types';

export { solve } from './solver';

/**
 * Takes back a request whose answer was lost, so that it and its correction are one call: sent again under its key it
 * says whether it was taken, and then its own link cancels it.
 */
export async function takeBack(body: string, key: string, send: Send): Promise<void> {
  const json = { 'content-type': 'application/json' };
  const answer = await send('callbacks', body, { ...json, 'idempotency-key': key });
  if (answer.status > 499) throw answer.status;
  const { manageUrl } = answer.ok ? await answer.json() : {};
  if (!manageUrl) return;
  const token = new URL(manageUrl).searchParams.get('token')!;
  const gone = await send('callbacks/' + token, '{"status":"cancelled"}', json, 'PATCH');
  if (!gone.ok) throw gone.status;
}
