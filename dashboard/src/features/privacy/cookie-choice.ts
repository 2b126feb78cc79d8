import { onChange, read, remove, write } from '../../lib/storage';

/** Put in by the build, from shared/policy/manifest.json. */
declare const POLICY_REVISION: string;
declare const POLICY_NOTICE: { text: string; history: [revision: string, changes: string][] };

interface Kept {
  revision: string;
  choice: 'accepted';
  at: string;
  /** Names the receipt that the server keeps; "" while it has not answered. */
  receipt: string;
}

export const noticeText = POLICY_NOTICE.text;

const changed = new Set<() => void>();
const tell = () => {
  for (const listener of changed) listener();
};

function kept(): Kept | null {
  try {
    return JSON.parse(read('mc_cookies') ?? 'null');
  } catch {
    return null;
  }
}

function keep(value: Kept): void {
  write('mc_cookies', JSON.stringify(value));
  tell();
}

export const acknowledged = (): boolean => kept()?.revision === POLICY_REVISION;

/** What has changed since the revision that was accepted; nothing for somebody who never did. */
export function news(): string[] {
  const last = POLICY_NOTICE.history.findIndex(([revision]) => revision === kept()?.revision);
  return last < 0 ? [] : POLICY_NOTICE.history.slice(last + 1).map(([, changes]) => changes);
}

/** Keeps the answer here, and a receipt of it at the server. Here it counts whether or not that answers. */
export async function acknowledge(): Promise<void> {
  const mine: Kept = { revision: POLICY_REVISION, choice: 'accepted', at: new Date().toISOString(), receipt: '' };
  keep(mine);
  const body = { revision: mine.revision, choice: mine.choice, page: location.pathname };
  // No other public page needs the API before a button is pressed.
  const given = await import('../../lib/api')
    .then(({ call }) => call('POST', '/v1/consent', { open: true, body }))
    .catch(() => null);
  if (given && kept()?.at === mine.at) keep({ ...mine, at: given.at, receipt: given.id });
}

/** Forgets the answer, and returns the receipt it had, to be taken back. */
export function forget(): string | undefined {
  const receipt = kept()?.receipt;
  remove('mc_cookies');
  tell();
  return receipt;
}

export function onNotice(listener: () => void): () => void {
  changed.add(listener);
  const stop = onChange(listener);
  return () => {
    changed.delete(listener);
    stop();
  };
}
