// The panel: the form a visitor fills in. Loaded by the loader when it is first opened.
import css from './panel.css';
import { check, type Errors, errorsOf, type Field, requestOf, type Typed, typedIn } from './request';
import type { Context, Panel } from './types';

const kept = ' Your details are still here.';

export default function create({ root, config, h, adopt, randomId, pack, send, counts }: Context): Panel {
  const fields = {} as Record<Field, HTMLInputElement>;
  let sentBody = '';
  let key = '';

  const button = (text: string, onclick: () => void, style = 'plain') => {
    const made = h('button', { class: style }, text);
    made.onclick = onclick;
    return made;
  };

  /** A link out of the customer's page; nothing when the address is not a web address. */
  const link = (href: string | undefined, text: string) =>
    /^https?:/.test(href || '') ? h('a', { href: href!, target: '_blank', rel: 'noopener noreferrer' }, text) : '';

  function field(name: Field, label: string, attributes: Record<string, string>, tag = 'input'): HTMLElement {
    const hint = name + '-error';
    const input = (fields[name] = h(tag, { id: name, name, 'aria-describedby': hint, dir: 'auto', ...attributes }));
    input.oninput = () => say(name);
    return h('div', { class: 'field' }, h('label', { for: name }, label), input, h('p', { id: hint, class: 'error' }));
  }

  /** Says what is wrong with a field, beside it; nothing when it is right. */
  function say(name: Field, message = ''): void {
    fields[name].nextSibling!.textContent = message;
    fields[name].ariaInvalid = '' + !!message;
  }

  // The form

  const choice = (text: string, value: string, more = {}) =>
    h('label', { class: 'pick' }, h('input', { type: 'radio', name: 'later', value, ...more }), text);
  const soon = choice('Now', '', { checked: '' });
  const later = choice('Choose a time', 'yes');
  const submit = h('button');
  const status = h('p', { role: 'status' });
  // Built in the order they are read, which is the order in which errors are looked through.
  const name = field('name', 'Your name', { required: '', autocomplete: 'name' });
  const phone = field('phone', 'Phone number', { type: 'tel', required: '', autocomplete: 'tel' });
  const at = field('at', 'Day and time (your time)', { type: 'datetime-local' });
  const details = h<HTMLDetailsElement>(
    'details',
    {},
    h('summary', {}, 'Add details'),
    h(
      'div',
      {},
      field('email', 'Email (optional)', { type: 'email', autocomplete: 'email' }),
      field('message', 'Message (optional)', {}, 'textarea'),
    ),
  );
  const form = h<HTMLFormElement>(
    'form',
    { novalidate: '' },
    name,
    phone,
    h('fieldset', {}, h('legend', {}, 'When?'), soon, later, at),
    details,
    submit,
    h(
      'small',
      {},
      `What you enter and this page’s address go to ${config.name} through Mi Connect, only to call you back. `,
      link(config.privacyUrl, 'Privacy'),
    ),
  );
  form.onchange = () => {
    at.hidden = !new FormData(form).get('later');
  };

  function report(text = '', action = 'Request a call'): void {
    status.textContent = text;
    submit.textContent = action;
  }

  /** Shows the errors beside their fields and leads to the first. Says whether there were any. */
  function refuse(errors: Errors): boolean {
    const wrong = (Object.keys(fields) as Field[]).filter((name) => (say(name, errors[name]), errors[name]));
    if (errors.email || errors.message) details.open = true;
    report(wrong[0] && 'Please check the fields marked above.');
    if (wrong[0]) fields[wrong[0]].focus();
    return !!wrong[0];
  }

  form.onsubmit = async (event) => {
    event.preventDefault();
    const typed = typedIn(new FormData(form) as Iterable<[string, unknown]>);
    if (submit.ariaDisabled || refuse(check(typed, Date.now()))) return;

    // The same content keeps its key, so that a retry cannot ask for a second call.
    const body = pack(requestOf(typed));
    if (body !== sentBody) key = randomId();
    sentBody = body;

    submit.ariaDisabled = 'true';
    report('', 'Sending …');
    try {
      const answer = await send('callbacks', body, { 'content-type': 'application/json', 'idempotency-key': key });
      const said = await answer.json().catch(() => ({}));
      if (answer.status === 201) {
        sentBody = '';
        counts.track('submit');
        thank(typed, said.manageUrl);
      } else if (!refuse(errorsOf(said, fields))) report(said.detail || 'That didn’t work.' + kept, 'Try again');
    } catch {
      report((navigator.onLine ? 'That didn’t work.' : 'You seem to be offline.') + kept, 'Try again');
    }
    submit.ariaDisabled = null;
  };

  // Afterwards

  const done = h('div', { class: 'done' });

  function thank({ name, phone, at }: Typed, manageUrl?: string): void {
    const when = at
      ? 'on ' + new Date(at).toLocaleString('en-GB', { dateStyle: 'full', timeStyle: 'short' })
      : 'as soon as possible';
    const thanks = h('h2', { tabindex: '-1' }, `Thank you, ${name}.`);
    done.replaceChildren(thanks, h('p', {}, `${config.name} will call you on ${phone} ${when}.`));
    // The visitor's own way back to the request: whoever holds this address may change it.
    const manage = link(manageUrl, 'See, move or cancel your request');
    if (manage) {
      const copy = button('Copy this private link', async () => {
        try {
          await navigator.clipboard.writeText(manageUrl!);
          report('Copied.');
        } catch {
          // No clipboard on plain http or by the page's policy: then the address is shown.
          report(manageUrl);
        }
      });
      done.append(manage, copy);
    }
    done.append(status, button('New request', begin));
    report();
    intro.hidden = form.hidden = true;
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
    counts.choose(toggle.checked);
    settle();
  };
  function settle(): void {
    toggle.checked = counts.counting();
    toggle.disabled = counts.blocked();
    why.textContent = toggle.disabled
      ? 'Off because of your browser’s privacy settings.'
      : 'Counts that this form was seen, opened and sent, never who you are.';
  }

  // The dialog

  const heading = h('h2', { id: 'title', tabindex: '-1' }, 'Request a call from ', h('bdi', {}, config.name));
  const close = button('×', () => dialog.close(), 'close');
  close.ariaLabel = 'Close';
  const intro = h(
    'div',
    {},
    heading,
    h(
      'p',
      { class: 'quiet' },
      config.active
        ? 'Leave your number and we will call you back.'
        : 'Calls are paused at the moment. Please try again later.',
    ),
  );
  const dialog = h<HTMLDialogElement>(
    'dialog',
    { 'aria-labelledby': 'title', lang: 'en', dir: 'ltr', closedby: 'any' },
    h(
      'div',
      {},
      intro,
      form,
      done,
      h('div', { class: 'count' }, h('div', {}, h('label', { for: 'count' }, 'Anonymous statistics'), why), toggle),
    ),
    close,
  );
  // A page's own shortcuts must not act on what is typed here.
  dialog.onkeydown = dialog.onkeyup = dialog.onkeypress = (event) => event.stopPropagation();

  /** To the first field; on touch screens to the heading, so that no keyboard hides the form. */
  function focus(): void {
    (form.hidden || matchMedia('(hover:none)').matches ? heading : fields.name).focus();
  }

  /** An empty form. */
  function begin(): void {
    form.reset();
    submit.before(status);
    at.hidden = true;
    report();
    intro.hidden = false;
    form.hidden = !config.active;
    done.hidden = true;
    focus();
  }

  adopt(root, css);
  root.append(dialog);
  begin();

  return {
    open() {
      if (dialog.open) return;
      settle();
      dialog.showModal();
      focus();
      counts.track('open');
    },
    close: () => dialog.close(),
  };
}
