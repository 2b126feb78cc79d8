import { useEffect, useState } from 'preact/hooks';
import { call } from './api';
import type { Waiting } from './api.gen';
import { useMe } from './me';

// How many requests wait, in the account that is worked in: one call for all that show it.
const REFRESH = 30_000;
let waiting: Waiting | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let account: string | undefined;
let asked = 0;
const listeners = new Set<() => void>();

function tell(now: Waiting | undefined): void {
  waiting = now;
  for (const listener of listeners) listener();
  badge(now?.waiting ?? 0);
}

/** On the icon of an app that was installed, where there is one. */
function badge(n: number): void {
  const icon = navigator as Partial<Pick<Navigator, 'setAppBadge' | 'clearAppBadge'>>;
  (n ? icon.setAppBadge?.(n) : icon.clearAppBadge?.())?.catch(() => {});
}

function ask(): void {
  clearTimeout(timer);
  if (!account || !listeners.size || document.visibilityState !== 'visible') return;
  const turn = ++asked;
  call('GET', '/v1/callbacks/waiting')
    .then((now) => turn === asked && tell(now))
    .catch(() => {}) // what is shown stays until it is known better
    .finally(() => {
      if (turn === asked) timer = setTimeout(ask, REFRESH);
    });
}

/** Asks again, when something was done that changes it. */
export const refreshWaiting = (): void => ask();

/** "3", "100+". */
export const waitingText = ({ waiting, more }: Pick<Waiting, 'waiting' | 'more'>): string =>
  `${waiting}${more ? '+' : ''}`;

export function useWaiting(): Waiting | undefined {
  const id = useMe()?.account?.id;
  const [now, set] = useState(waiting);
  useEffect(() => {
    const update = () => set(waiting);
    listeners.add(update);
    if (id !== account) {
      account = id;
      asked++;
      tell(undefined);
      ask();
    }
    update();
    document.addEventListener('visibilitychange', ask);
    return () => {
      listeners.delete(update);
      document.removeEventListener('visibilitychange', ask);
      if (listeners.size) return;
      account = undefined;
      asked++;
      clearTimeout(timer);
      badge(0);
    };
  }, [id]);
  return now;
}
