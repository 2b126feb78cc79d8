import { useEffect, useState } from 'preact/hooks';
import { onChange, read, remove, write } from './storage';
import { expiryOf } from './token';

// Logged in means: mc_token is there and has not ended. Whoever deletes the key, wherever, logs out.
export type Why = 'left' | 'expired' | 'gone';

let known: string | null = null;
let why: Why | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

const tell = () => {
  for (const listener of listeners) listener();
};

/** The token as storage holds it now; deletes one that has ended. */
export function token(): string | null {
  const stored = read('mc_token');
  const end = stored === null ? null : expiryOf(stored);
  if (stored !== null && (end === null || end <= Date.now())) {
    remove('mc_token');
    settle(null, 'expired');
    return null;
  }
  settle(stored, 'gone');
  return stored;
}

export function whyOut(): Why | null {
  return why;
}

export function signIn(fresh: string): void {
  if (expiryOf(fresh) === null) throw new Error('session: a token of an unknown shape');
  write('mc_token', fresh);
  token();
}

/** Forgets the login here. With `only`, only while that token is still the one in use. */
export function signOut(reason: Why, only?: string): void {
  if (only !== undefined && read('mc_token') !== only) return;
  remove('mc_token');
  settle(null, reason);
}

function settle(now: string | null, reason: Why): void {
  if (now === known) return;
  known = now;
  why = now === null ? reason : null;
  // Whoever uses this browser next is shown nothing of this person's. A login that expired
  // was not logged out, and log-out.ts does it itself.
  if (now === null && reason === 'gone') import('./push-worker').then(({ forget }) => forget()).catch(() => {});
  clearTimeout(timer);
  if (now !== null) {
    const left = (expiryOf(now) ?? 0) - Date.now();
    timer = setTimeout(token, Math.min(left + 50, 2 ** 31 - 1));
  }
  tell();
}

export function watchSession(): void {
  token();
  onChange(() => token());
  const look = () => document.visibilityState === 'visible' && token();
  addEventListener('focus', look);
  addEventListener('pageshow', look);
  document.addEventListener('visibilitychange', look);
  // The same tab hears no storage event when its own key is deleted.
  setInterval(look, 1000);
}

export function useSignedIn(): boolean {
  const [signedIn, set] = useState(known !== null);
  useEffect(() => {
    const update = () => set(known !== null);
    listeners.add(update);
    update();
    return () => void listeners.delete(update);
  }, []);
  return signedIn;
}
