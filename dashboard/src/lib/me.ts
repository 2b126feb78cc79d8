import { useEffect, useState } from 'preact/hooks';
import { ApiError, actAs, call } from './api';
import type { Me } from './api.gen';
import { useSignedIn } from './session';

// Who is logged in: asked for once per login or change of account.
let me: Me | undefined;
let asked = 0;
const listeners = new Set<() => void>();

function ask(): void {
  const turn = ++asked;
  call('GET', '/v1/me').then(
    (answer) => {
      if (turn !== asked) return;
      me = answer;
      for (const listener of listeners) listener();
    },
    (error) => {
      if (turn !== asked) return;
      asked = 0;
      // The chosen account is open to this person no longer, as when a client has ended the link.
      if (error instanceof ApiError && error.status === 403 && chosen) {
        chosen = false;
        turns++;
        actAs(null);
        ask();
      }
    },
  );
}

let chosen = false;
let turns = 0;
/** How often the account was changed: views of another account start afresh. */
export const accountTurn = (): number => turns;

/** Later calls act in this account; it is kept for this page visit only. */
export function chooseAccount(id: string): void {
  turns++;
  chosen = true;
  actAs(id);
  ask();
}

/** Asks again, when something of the person or the account was changed. */
export const refreshMe = (): void => ask();

export function useMe(): Me | undefined {
  const signedIn = useSignedIn();
  const [now, set] = useState(me);
  useEffect(() => {
    if (!signedIn) {
      me = undefined;
      asked = 0;
      actAs(null);
      set(undefined);
      return;
    }
    const update = () => set(me);
    listeners.add(update);
    if (!asked) ask();
    update();
    return () => void listeners.delete(update);
  }, [signedIn]);
  return now;
}
