// The form: its fields, what is wrong with them, and sending it.
import { check, type Errors, errorsOf, type Field, type Problem, requestOf, type Typed, typedIn } from './request';
import type { Asked, Context } from './types';
import { choice } from './when';
import type { Said } from './words';

/** Put in by the build. */
declare const RESCUE: string;

/** What a request that was taken is told. */
export interface Taken {
  promise?: { due?: string } | null;
  timeZone?: string;
  manageUrl?: string;
}

export interface Form {
  element: HTMLFormElement;
  status: HTMLElement;
  begin(): void;
  focus(): void;
  report(text?: string, action?: string): void;
}

export function form(context: Context, words: Said, taken: (typed: Typed, said: Taken) => void): Form {
  const { config, h, randomId, pack, send, part } = context;
  const rescue = () => part<typeof import('./rescue')>(RESCUE);
  const asked = { name: 'needed', email: 'optional', message: 'optional', ...config.fields } as const;
  const inputs = {} as Record<Field, HTMLInputElement>;
  const notes = {} as Record<Field, HTMLElement>;
  let sentBody = '';
  let content = '';
  let key = '';
  let shownAt = 0;
  /** A request was sent and its answer never came: it may have been taken. */
  let unsure = false;

  function field(name: Field, label: string, attributes: Record<string, string>, tag = 'input'): HTMLElement {
    const id = name + '-error';
    const note = (notes[name] = h('p', { id, class: 'error' }));
    const input = (inputs[name] = h(tag, { id: name, name, 'aria-describedby': id, dir: 'auto', ...attributes }));
    input.oninput = () => say(name);
    return h('div', { class: 'field' }, h('label', { for: name }, label), input, note);
  }

  /** Says what is wrong with a field, beside it; nothing when it is right. */
  function say(name: Field, message = ''): void {
    notes[name].textContent = message;
    inputs[name].ariaInvalid = '' + !!message;
  }

  const optional = (name: 'name' | 'email' | 'message', attributes: Record<string, string>, tag?: string) => {
    const how: Asked = asked[name];
    const label = how === 'needed' ? words[name] : words.insert(words.optional, { field: words[name] });
    return how === 'off' ? '' : field(name, label, { ...attributes, ...(how === 'needed' && { required: '' }) }, tag);
  };

  const submit = h('button');
  const status = h('p', { role: 'status' });
  // Built in the order they are read, which is the order in which errors are looked through.
  const name = optional('name', { autocomplete: 'name' });
  const phone = field('phone', words.phone, {
    type: 'tel',
    required: '',
    autocomplete: 'tel',
    placeholder: words.example,
    dir: 'ltr',
  });
  const time = field('at', words.time, { type: 'datetime-local' });
  const when = choice(context, words, time, notes.at);
  const email = optional('email', { type: 'email', autocomplete: 'email', dir: 'ltr' });
  const message = optional('message', {}, 'textarea');
  const more = [asked.email === 'optional' && email, asked.message === 'optional' && message].filter(Boolean) as Node[];
  const details = h<HTMLDetailsElement>('details', {}, h('summary', {}, words.details), h('div', {}, ...more));
  const privacy = link(h, config.privacyUrl, words.privacy);
  const terms = h('small', {}, words.insert(words.terms, { site: config.name }) + ' ', privacy);
  // For programs that fill in whatever there is.
  const trap = h('input', {
    class: 'trap',
    name: 'website',
    tabindex: '-1',
    autocomplete: 'off',
    'aria-hidden': 'true',
  });
  const element = h<HTMLFormElement>('form', { novalidate: '' });
  element.append(
    name,
    phone,
    when.element,
    ...(asked.email === 'needed' ? [email] : []),
    ...(asked.message === 'needed' ? [message] : []),
    ...(more.length ? [details] : []),
    trap,
    submit,
    terms,
  );
  element.onchange = () => {
    say('at');
    when.settle();
  };

  function report(text = '', action = words.send): void {
    status.textContent = text;
    submit.textContent = action;
  }

  /** Shows the errors beside their fields and leads to the first. Says whether there were any. */
  function refuse(errors: Errors): boolean {
    const wrong = (Object.keys(inputs) as Field[]).filter((name) => (say(name, errors[name]), errors[name]));
    if (more.length && (errors.email || errors.message)) details.open = true;
    report(wrong[0] && words.check);
    if (wrong[0] === 'at') when.focus();
    else if (wrong[0]) inputs[wrong[0]].focus();
    return !!wrong[0];
  }

  async function attempt(typed: Typed, puzzle?: object): Promise<void> {
    // The same content keeps its key, so that a retry cannot ask for a second call.
    const request = requestOf(typed);
    const wanted = pack(request);
    if (wanted !== content) {
      if (unsure) await (await rescue()).takeBack(sentBody, key, send);
      unsure = false;
      key = randomId();
    }
    content = wanted;
    sentBody = pack({ ...request, elapsed: (performance.now() - shownAt) >>> 0, puzzle });
    unsure = true;
    const answer = await send('callbacks', sentBody, { 'content-type': 'application/json', 'idempotency-key': key });
    unsure = answer.status > 499;
    const said = await answer.json().catch(() => ({}));
    // The same number asked for a moment ago is the same request: then it is 200.
    if (answer.status === 201 || said.id) {
      content = '';
      taken(typed, said);
    } else if (said.puzzle && !puzzle) {
      await attempt(typed, await (await rescue()).solve(said.puzzle));
    } else answered(answer.status, said, typed);
  }

  function answered(status: number, said: Problem, typed: Typed): void {
    const code = said.type?.split(':').pop();
    const lost = { 'slot-gone': words.gone, closed: words.closed }[code!];
    if (lost && config.hours) {
      report();
      when.offer(said.slots || [], typed.at);
      notes.at.textContent = lost;
      return;
    }
    if (refuse(errorsOf(said, inputs, words, words.lang === 'en'))) return;
    const text = (words.lang === 'en' && said.detail) || (lost ?? (status === 429 ? words.limit : words.failed));
    report(text + ' ' + words.kept, words.again);
  }

  element.onsubmit = async (event) => {
    event.preventDefault();
    const typed = typedIn(new FormData(element) as Iterable<[string, unknown]>);
    if (submit.ariaDisabled || refuse(check(typed, Date.now(), words, asked))) return;
    submit.ariaDisabled = 'true';
    report(words.sending, words.sending);
    try {
      await attempt(typed);
    } catch {
      report((navigator.onLine ? words.failed : words.offline) + ' ' + words.kept, words.again);
    }
    submit.ariaDisabled = null;
  };

  return {
    element,
    status,
    report,
    begin() {
      element.reset();
      shownAt = performance.now();
      submit.before(status);
      when.begin();
      refuse({});
    },
    focus: () => (inputs.name || inputs.phone).focus(),
  };
}

/** A link out of the customer's page; nothing when the address is not a web address. */
export const link = (h: Context['h'], href: string | undefined, text: string) =>
  /^https?:/.test(href || '') ? h('a', { href: href!, target: '_blank', rel: 'noopener noreferrer' }, text) : '';
