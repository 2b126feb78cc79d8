// The times a site offers, as chips. Loaded where the site has opening hours.
import type { Context } from './types';
import type { Said } from './words';

export interface Slots {
  /** Asks for the list and shows the next few. */
  load(): Promise<void>;
  /** Shows these instead, for one that is gone. */
  offer(times: string[], gone?: string): void;
  /** Says what the chosen one is in both zones. */
  settle(): void;
}

const few = 3;

export default function slots(
  { h, send, config }: Context,
  words: Said,
  holder: HTMLElement,
  preselect: () => boolean,
  begin: () => void,
): Slots {
  const hours = config.hours!;
  const { departments = [] } = hours;
  const select = h<HTMLSelectElement>('select', { id: 'department', name: 'department' });
  let times: string[] = [];
  let next: string | null = null;
  let all = false;
  const gone = new Set<string>();
  const zone = h('p', { class: 'quiet' });
  const { locale } = words;

  const time = (at: Date) => at.toLocaleTimeString(locale, { hour: 'numeric', minute: '2-digit' });
  const day = (at: Date) => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

  /** "15:30", "Tomorrow 9:00", "Mon 9:00", "7 Dec, 9:00" */
  function near(at: Date): string {
    const days = Math.round((day(at) - day(new Date())) / 864e5);
    if (!days) return time(at);
    const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(1, 'day');
    if (days === 1) return relative[0]!.toLocaleUpperCase(locale) + relative.slice(1) + ' ' + time(at);
    const date: Intl.DateTimeFormatOptions = days < 7 ? { weekday: 'short' } : { day: 'numeric', month: 'short' };
    return at.toLocaleDateString(locale, date) + ' ' + time(at);
  }

  function chip(iso: string, text: string, checked: boolean): HTMLElement {
    const input = h('input', { type: 'radio', name: 'when', value: iso, ...(checked && { checked: '' }) });
    return h('label', { class: 'pick chip' }, input, text);
  }

  const press = (text: string, act: () => void) => {
    const made = h<HTMLButtonElement>('button', { class: 'plain chip', type: 'button' }, text);
    made.onclick = act;
    return made;
  };

  function draw(choose = preselect()): void {
    const chosen = holder.querySelector<HTMLInputElement>('input:checked')?.value;
    const shown = all ? times : times.slice(0, few);
    const first = !chosen && choose ? shown[0] : chosen;
    const parts: Node[] = [];
    let group = 0;
    let row: HTMLElement | undefined;
    for (const iso of shown) {
      const at = new Date(iso);
      if (!row || (all && day(at) !== group)) {
        group = day(at);
        row = h('div', { class: 'chips' });
        if (all) {
          const name = at.toLocaleDateString(locale, { weekday: 'long', day: 'numeric', month: 'long' });
          row.setAttribute('role', 'group');
          row.ariaLabel = name;
          parts.push(h('p', { class: 'quiet', 'aria-hidden': 'true' }, name));
        }
        parts.push(row);
      }
      row.append(chip(iso, all ? time(at) : near(at), iso === first));
    }
    if (!row) parts.push(h('p', { class: 'quiet' }, words.noTimes));
    else if (next || (!all && times.length > few)) row.append(press(words.more, more));
    holder.replaceChildren(...parts, zone);
    settle();
  }

  /** Each department has times of its own, and is open in its own hours. */
  if (departments.length) {
    select.append(...departments.map(({ name }) => h('option', {}, name)));
    holder.parentElement!.before(
      h('div', { class: 'field' }, h('label', { for: 'department' }, words.department), select),
    );
    Object.defineProperty(hours, 'now', { get: () => departments[select.selectedIndex], configurable: true });
    select.onchange = begin;
    if (departments[0]!.open !== hours.open) begin();
  }

  async function page(): Promise<void> {
    const asked = times;
    const query = new URLSearchParams();
    if (next) query.set('from', next);
    if (select.value) query.set('department', select.value);
    const answer = await send(`widget/${config.site}/slots${`${query}` && `?${query}`}`);
    if (!answer.ok) throw answer.status;
    const said = await answer.json();
    // Another department was chosen meanwhile: its own answer is still to come.
    if (asked !== times) await new Promise(() => {});
    times.push(...said.slots.map(({ at }: { at: string }) => at).filter((at: string) => !gone.has(at)));
    next = said.next;
  }

  async function more(): Promise<void> {
    const before = all ? times.length : few;
    if (all || times.length <= few) {
      try {
        if (next) await page();
      } catch {
        // A paragraph of its own each time: a second failure is announced as well.
        holder.querySelector('[role=alert]')?.remove();
        holder.append(h('p', { class: 'error', role: 'alert' }, navigator.onLine ? words.failed : words.offline));
        return;
      }
    }
    all = true;
    draw();
    holder.querySelectorAll('input')[before]?.focus();
  }

  function settle(): void {
    const chosen = holder.querySelector<HTMLInputElement>('input:checked');
    zone.textContent = chosen ? words.zones(new Date(chosen.value), hours.timeZone) : '';
  }

  return {
    async load() {
      times = [];
      next = null;
      all = false;
      holder.replaceChildren(h('p', { class: 'quiet' }, words.loading));
      await page();
      draw();
    },
    offer(instead, taken) {
      if (taken) gone.add(taken);
      times = [...new Set([...instead, ...times])].filter((at) => !gone.has(at)).sort();
      all = false;
      holder.replaceChildren();
      draw(false);
    },
    settle,
  };
}
