// Anonymous counting of one visit's steps. Nothing is stored or sent unless counting()
// says so, and that is asked again at every step: another tab of this site may have changed the visitor's choice.
import { sourceOf } from './address';
import { read, write } from './storage';
import type { Pack, Send } from './types';
import { isVisit, randomId, type Step } from './visit';

export interface Statistics {
  /** Counts a step, once per visit. */
  track(step: Step): void;
  /** Counts the button once it was in view, or forgets everything when that is not wanted. */
  settle(inView?: unknown): void;
  /** The customer's page passes on what its visitor said, or the panel's own switch. */
  consent(granted: boolean): void;
  counting(): boolean | undefined;
  /** The browser has decided: by a privacy signal, or by blocking storage. */
  blocked(): boolean;
}

export function statistics(site: string, pack: Pack, send: Send, consentRequired: boolean): Statistics {
  const source = sourceOf(location.search, document.referrer);
  /** Undefined while consent is required and nobody has said anything. */
  let granted = consentRequired ? undefined : true;
  /** Marks of the steps this page has taken up. */
  let taken = '';
  /** The visit that was stored before an objection, in case it is taken back on the same page. */
  let before = '';
  let failures = 0;
  let seen: boolean | undefined;

  const blocked = () => {
    const browser = navigator as Navigator & { globalPrivacyControl?: boolean };
    return browser.globalPrivacyControl || browser.doNotTrack === '1' || read('mc_cookies') === undefined;
  };
  const refused = () => granted === false || blocked() || /declined/.test(read('mc_cookies')!);
  const counting = () => granted && !refused();

  /** The visit while it may be counted and stored. */
  function visit(): string | false | null | undefined {
    if (!counting()) return;
    if (!isVisit(read('mc_session'))) write('mc_session', before || randomId());
    return read('mc_session');
  }

  async function track(type: Step): Promise<void> {
    const current = visit();
    const mark = `.${site}:${type[0]}`;
    if (!current || (current + taken).includes(mark)) return;
    taken += mark;
    const session = current.slice(0, 22);
    const sent = performance.now() >>> 0;
    // Pages that give arrays a toJSON of their own would have them sent as text.
    const events = Object.assign([{ type, t: sent }], { toJSON: 0 });
    // A string without headers goes as text/plain, which needs no preflight; it arrives even when the page is left.
    const answer = await send('events', pack({ session, source, sent, events })).catch(() => 0 as never);
    const known = read('mc_session') || '';
    if (!answer.ok) {
      // Three times at most, five seconds apart.
      if (++failures > 2) return;
      taken = taken.replace(mark, '');
      setTimeout(track, 5e3, type);
      // Unless it was objected to meanwhile.
    } else if (known.startsWith(session)) write('mc_session', known + mark);
  }

  return {
    track,
    /** While consent is awaited, the visit of an earlier page is left alone. */
    settle,
    counting,
    blocked,
    consent(yes) {
      granted = yes === true;
      settle();
    },
  };

  function settle(inView?: unknown): void {
    seen ||= inView === true;
    if (refused()) {
      taken = '';
      before = read('mc_session') || before;
      write('mc_session', '');
      // A page in a background tab, or prerendered, has not shown its button to anyone yet.
    } else if (seen && !document.hidden) track('impression');
  }
}
