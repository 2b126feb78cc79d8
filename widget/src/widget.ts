// The loader: one script tag on a customer's page.
//
//   <script async src="https://ORIGIN/widget.js" data-site="KEY"></script>
//
// data-consent="required"  counts nothing until MiConnect.consent(true)
// data-position="left"     puts the button bottom left (default: right)
// data-label="..."         the button's text
// data-lang                reserved
//
// window.MiConnect = { consent(granted), open(), close() }. Before the script has arrived, calls can wait:
//   (window.MiConnect = window.MiConnect || []).push(['consent', true]);
// A consent banner may dispatch `miconnect:consent` on document instead, with detail { granted }.
//
// The widget is a guest: whatever goes wrong is one quiet line in the console, never an exception.
import { pageAddress } from './address';
import css from './button.css';
import { adopt, h } from './dom';
import { statistics } from './statistics';
import type { Config, Context, Pack, Panel, Send } from './types';
import { randomId } from './visit';

declare const PANEL: string;

type Call = ['consent' | 'open' | 'close', boolean?];
interface Api {
  consent(granted: boolean): void;
  open(): void;
  close(): void;
  push(call: Call): void;
}

const page = window as { MiConnect?: Api | Call[] } & typeof globalThis;
const script = document.currentScript as HTMLScriptElement | null;

const note = (reason: unknown) => console.info('Mi Connect: ' + reason);

function start({ dataset, src }: HTMLScriptElement, site: string, waiting: Call[]): void {
  let config: Config;
  let root: ShadowRoot | undefined;
  let loading: Promise<Panel | void> | undefined;
  let wanted = false;

  const send: Send = (path, body, headers) =>
    fetch(new URL('/v1/' + path, src), {
      method: body ? 'POST' : 'GET',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      keepalive: true,
      signal: AbortSignal.timeout(15e3),
      headers,
      body,
    } as RequestInit);
  const pack: Pack = (fields) => JSON.stringify({ site, page: pageAddress(location), ...fields });

  // A page in a background tab, or prerendered, has not shown its button to anyone yet.
  const counts = statistics(
    (fields) => pack({ proof: config.proof, ...fields }),
    send,
    dataset.consent === 'required',
    () => !!root && !document.hidden,
  );

  const load = () =>
    (loading ||= import(new URL('widget/' + PANEL, src).href)
      .then((module: { default(context: Context): Panel }) =>
        module.default({ root: root!, config, h, adopt, randomId, pack, send, counts }),
      )
      .catch((reason) => {
        loading = undefined;
        note(reason);
      }));

  const calls: Api = {
    consent: counts.consent,
    open() {
      wanted = true;
      if (root) load().then((panel) => wanted && panel?.open());
    },
    close() {
      wanted = false;
      loading?.then((panel) => panel?.close());
    },
    push: ([name, value]) => calls[name](value!),
  };
  page.MiConnect = calls;
  waiting.forEach(calls.push);
  document.addEventListener('miconnect:consent', (event) => calls.consent((event as CustomEvent).detail?.granted));

  function show(): void {
    // Defined, so that a page's `:not(:defined)` rules leave it alone.
    customElements.define('mi-connect', class extends HTMLElement {});
    const host = h('mi-connect');
    const button = h('button', { 'aria-haspopup': 'dialog', dir: 'auto' }, dataset.label || 'Request a call');
    root = host.attachShadow({ mode: 'open' });
    adopt(root, css);
    root.append(h('section', { 'aria-label': 'Callback', class: dataset.position || '' }, button));
    document.body.append(host);

    button.onclick = calls.open;
    button.onpointerenter = button.onfocus = load;
    // No unload listener: it would cost the page its back/forward cache.
    document.addEventListener('visibilitychange', () => (document.hidden ? counts.flush() : counts.settle()));
    addEventListener('pagehide', counts.flush);
    counts.settle();
    if (wanted) calls.open();
  }

  send('widget/' + site)
    .then(async (answer) => {
      if (!answer.ok) throw `no site ${site} (${answer.status})`;
      config = await answer.json();
      if (!document.body) await new Promise((parsed) => document.addEventListener('DOMContentLoaded', parsed));
      show();
    })
    .catch(note);
}

const before = page.MiConnect;
const site = script?.dataset.site;
if (before && 'open' in before) note('included twice');
else if (!site) note('no data-site');
else start(script!, site, before || []);
