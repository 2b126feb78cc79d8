// The panel: what a visitor fills in. Loaded by the loader when it is first opened.
import { form, link, type Taken } from './form';
import css from './panel.css';
import type { Typed } from './request';
import type { Context, Panel } from './types';
import { say } from './words';

/** Put in by the build: the policy's revision in force. */
declare const POLICY_REVISION: string;

export default async function create(context: Context): Promise<Panel> {
  const { root, config, h, adopt, counts, write } = context;
  const words = await say(context);

  const button = (text: string, onclick: () => void, style = 'plain') => {
    const made = h('button', { class: style, type: 'button' }, text);
    made.onclick = onclick;
    return made;
  };

  const asking = form(context, words, thank);

  // Afterwards

  const done = h('div', { class: 'done' });

  function thank({ name, phone, at }: Typed, { promise, timeZone, manageUrl }: Taken): void {
    counts.track('submit');
    const due = at || promise?.due;
    const values = { site: config.name, phone: phone!, time: due ? words.moment(new Date(due)) : '' };
    const sentence = at ? words.callAt : due ? words.callBy : words.callSoon;
    const heading = name ? words.insert(words.thanks, { name }) : words.thanksPlain;
    const thanks = h('h2', { tabindex: '-1' }, heading);
    const zones = due && timeZone ? words.zones(new Date(due), timeZone) : '';
    done.replaceChildren(thanks, h('p', {}, words.insert(sentence, values)), h('p', { class: 'quiet' }, zones));
    // The visitor's own way back to the request: whoever holds this address may change it.
    const manage = link(h, manageUrl, words.manage);
    if (manage) {
      const copy = button(words.copy, async () => {
        try {
          await navigator.clipboard.writeText(manageUrl!);
          asking.report(words.copied);
        } catch {
          // No clipboard on plain http or by the page's policy: then the address is shown.
          asking.report(manageUrl);
        }
      });
      done.append(manage, copy);
    }
    done.append(asking.status, button(words.another, begin));
    asking.report();
    intro.hidden = asking.element.hidden = true;
    done.hidden = false;
    thanks.focus();
  }

  // Statistics

  const toggle = h<HTMLInputElement>('input', {
    type: 'checkbox',
    role: 'switch',
    id: 'count',
    'aria-describedby': 'why',
  });
  const why = h('small', { id: 'why' });
  toggle.onchange = () => {
    const declined = { revision: POLICY_REVISION, choice: 'declined', at: new Date() };
    write('mc_cookies', toggle.checked ? '' : JSON.stringify(declined));
    counts.consent(toggle.checked);
    settle();
  };
  function settle(): void {
    toggle.checked = !!counts.counting();
    toggle.disabled = counts.blocked();
    why.textContent = toggle.disabled ? words.blocked : words.why;
  }

  // The dialog

  const heading = h('h2', { id: 'title', tabindex: '-1' }, words.insert(words.title, { site: config.name }));
  const close = button('×', () => dialog.close(), 'close');
  close.ariaLabel = words.close;
  const intro = h('div', {}, heading, h('p', { class: 'quiet' }, words.lead));
  const statistics = h('div', {}, h('label', { for: 'count' }, words.statistics), why);
  const dialog = h<HTMLDialogElement>(
    'dialog',
    { 'aria-labelledby': 'title', lang: words.lang, dir: words.lang === 'ar' ? 'rtl' : 'ltr' },
    h('div', { class: 'sheet' }, intro, asking.element, done, h('div', { class: 'count' }, statistics, toggle)),
    close,
  );
  // A page's own shortcuts must not act on what is typed here.
  dialog.onkeydown = dialog.onkeyup = dialog.onkeypress = (event) => event.stopPropagation();
  // WebKit has no closedby. A selection that is dragged out of the panel is no click outside.
  let outside = false;
  dialog.onpointerdown = (event) => {
    outside = event.target === dialog;
  };
  dialog.onclick = (event) => {
    if (outside && event.target === dialog) dialog.close();
  };

  /** To the first field; on touch screens to the heading, so that no keyboard hides the form. */
  function focus(): void {
    if (asking.element.hidden || matchMedia('(hover:none)').matches) heading.focus();
    else asking.focus();
  }

  /** An empty form. */
  function begin(): void {
    asking.begin();
    intro.hidden = asking.element.hidden = false;
    done.hidden = true;
    focus();
  }

  adopt(root, css);
  root.append(dialog);
  begin();

  return {
    open() {
      // The loader dims what was pressed until this is here.
      for (const one of root.children) (one as HTMLElement).style.opacity = '';
      if (dialog.open) return;
      settle();
      dialog.showModal();
      focus();
      counts.track('open');
    },
    close: () => dialog.close(),
  };
}
