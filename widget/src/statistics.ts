// Anonymous counting of one visit's steps. Nothing is stored or sent unless counting()
// says so, and that is asked again at every step and before every beacon: another tab
// of this site may have changed the visitor's choice.
import { sourceOf } from './address';
import { read, write } from './storage';
import type { Pack, Send } from './types';
import { idOf, isVisit, randomId, type Step, stepsOf, withSteps } from './visit';

export interface Statistics {
  /** Counts a step, once per visit. */
  track(step: Step): void;
  /** Counts the button when it is seen, or forgets everything when that is not wanted. */
  settle(): void;
  /** Sends what waits. */
  flush(): void;
  /** The customer's page passes on what its visitor said. */
  consent(granted: boolean): void;
  /** The visitor's own switch in the panel. */
  choose(on: boolean): void;
  counting(): boolean;
  /** The browser has decided: by a privacy signal, or by blocking storage. */
  blocked(): boolean;
}

/** Put in by the build: the policy's revision in force. */
declare const POLICY_REVISION: string;

const batchMs = 1000;
const maxTries = 3;

/** `seen` says whether the button is before the visitor's eyes. */
export function statistics(pack: Pack, send: Send, consentRequired: boolean, seen: () => boolean): Statistics {
  const source = sourceOf(location, document.referrer);
  /** Undefined while consent is required and nobody has said anything. */
  let granted = consentRequired ? undefined : true;
  let queue: { type: Step; t: number }[] = [];
  /** First letters of the steps this page has taken up. */
  let taken = '';
  let failures = 0;
  let run = 0;
  // biome-ignore lint/correctness/noUnusedVariables: `timer ||= setTimeout` asks for it and sets it.
  let timer = 0;

  const now = () => performance.now() >>> 0;

  const blocked = () => {
    const browser = navigator as Navigator & { globalPrivacyControl?: boolean };
    return !!browser.globalPrivacyControl || browser.doNotTrack === '1' || read('mc_cookies') === undefined;
  };
  const refused = () => granted === false || blocked() || /declined/.test(read('mc_cookies')!);
  const counting = () => !!granted && !refused();

  /** The visit while it may be counted and stored. */
  function visit(): string | false {
    if (!counting()) return false;
    if (!isVisit(read('mc_session'))) write('mc_session', randomId());
    return read('mc_session') || false;
  }

  function track(type: Step): void {
    const current = visit();
    if (!current || (stepsOf(current) + taken).includes(type[0]!)) return;
    taken += type[0];
    queue.push({ type, t: now() });
    timer ||= setTimeout(flush, batchMs);
  }

  function flush(): void {
    timer = 0;
    const events = queue;
    const started = run;
    const current = events[0] && visit();
    if (!current) return;
    queue = [];
    const session = idOf(current);
    // A string without headers goes as text/plain, which needs no preflight.
    send('events', pack({ session, source, sent: now(), events }))
      .then(({ status }) => {
        if (status !== 202) throw 0;
        const known = read('mc_session');
        if (known?.startsWith(session))
          write('mc_session', withSteps(known, events.map(({ type }) => type[0]).join('')));
      })
      .catch(() => {
        // Back into the queue for the next flush, unless stop() came between.
        if (run === started && ++failures % maxTries) queue.unshift(...events);
      });
  }

  function stop(): void {
    run++;
    queue = [];
    taken = '';
    write('mc_session', '');
  }

  /** While consent is awaited, the visit of an earlier page is left alone. */
  function settle(): void {
    if (refused()) stop();
    else if (seen()) track('impression');
  }

  return {
    track,
    settle,
    flush,
    counting,
    blocked,
    consent(yes) {
      granted = yes === true;
      settle();
    },
    choose(on) {
      granted = on;
      write('mc_cookies', on ? '' : JSON.stringify({ revision: POLICY_REVISION, choice: 'declined', at: new Date() }));
      settle();
    },
  };
}
