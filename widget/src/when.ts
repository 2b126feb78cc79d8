// When the call is to be: now while the site is open, one of its times, or, of a site without opening hours, any time.
import type { Slots } from './slots';
import type { Context } from './types';
import type { Said } from './words';

/** Put in by the build. */
declare const SLOTS: string;

export interface When {
  element: HTMLElement;
  begin(): void;
  /** Shows other times than one that is gone. */
  offer(times: string[], gone?: string): void;
  /** Follows a change of the choice. */
  settle(): void;
  focus(): void;
}

export function choice(context: Context, words: Said, free: HTMLElement, error: HTMLElement): When {
  const { h, config, part } = context;
  const { hours } = config;
  let slots: Promise<Slots> | undefined;
  let ready: Slots | undefined;

  const pick = (text: string, value: string) => {
    const input = h<HTMLInputElement>('input', { type: 'radio', name: 'when', value });
    return Object.assign(h('label', { class: 'pick' }, input, text), { input });
  };
  const now = pick(hours && !isOpen() ? words.soon : words.now, 'soon');
  const later = pick(words.choose, 'later');
  const holder = h('div');
  const promise = h('p', { class: 'quiet' });
  const element = h(
    'fieldset',
    {},
    h('legend', {}, words.when),
    now,
    hours ? holder : later,
    hours ? error : free,
    promise,
  );

  /** The configuration may be a minute old, and the page open since the morning. */
  function isOpen(): boolean {
    const { open, changesAt } = hours!.now || hours!;
    return open !== (!!changesAt && Date.now() >= Date.parse(changesAt));
  }

  const offered = () => !now.hidden;

  /** A call as soon as possible is the last resort of a site that is closed and lists nothing. */
  function fall(open: boolean): void {
    now.hidden = !open;
    if (open && !holder.querySelector(':checked')) now.input.checked = true;
  }

  async function list(): Promise<Slots> {
    slots ||= part<typeof import('./slots')>(SLOTS).then((module) =>
      module.default(context, words, holder, () => !offered(), begin),
    );
    ready = await slots;
    return ready!;
  }

  function load(): void {
    list()
      .then((ready) => ready.load())
      .then(() => {
        if (!holder.querySelector('input')) fall(true);
      })
      .catch(() => {
        slots = undefined;
        fall(true);
        const retry = h<HTMLButtonElement>('button', { class: 'plain', type: 'button' }, words.choose);
        retry.onclick = load;
        holder.replaceChildren(retry);
      })
      .finally(settle);
  }

  function settle(): void {
    free.hidden = !!hours || !later.input.checked;
    ready?.settle();
    const soon = offered() && now.input.checked && hours?.withinMinutes && isOpen() && config.promise !== false;
    promise.textContent = soon ? words.insert(words.within, { minutes: words.minutes(hours.withinMinutes) }) : '';
  }

  function begin(): void {
    now.input.checked = true;
    if (hours) {
      holder.replaceChildren();
      const open = isOpen();
      now.lastChild!.textContent = open ? words.now : words.soon;
      now.input.checked = open;
      fall(open);
      load();
    }
    settle();
  }

  return {
    element,
    settle,
    begin,
    offer(times, gone) {
      if (!hours) return;
      list().then((ready) => {
        ready.offer(times, gone);
        settle();
        focus();
      }, load);
    },
    focus,
  };

  function focus(): void {
    (holder.querySelector('input') || (later.input.checked ? free.querySelector('input') : now.input))?.focus();
  }
}
