// The loader: one script tag on a customer's page. What it takes is described in docs/widget.md.
//
// The widget is a guest: whatever goes wrong is one quiet line in the console, never an exception.
import { pageAddress } from './address';
import css from './button.css';
import { adopt, h } from './dom';
import { checked } from './pins';
import { statistics } from './statistics';
import { forgetful, write } from './storage';
import type { Config, Pack, Panel, PanelModule, Part, Send } from './types';
import { randomId } from './visit';

declare const PANEL: string;
declare const EXTRAS: string;
/** Digests of all parts, in a loader that a page has pinned; nothing in the usual one. */
declare const PINS: Record<string, string> | undefined;

type Name = 'consent' | 'open' | 'close';
type Call = [Name, boolean?];
interface Api {
  consent(granted: boolean): void;
  open(): void;
  close(): void;
  push(call: Call): void;
  site: string;
}

const page = window as { MiConnect?: Api | Call[] } & typeof globalThis;
const note = (reason: unknown) => console.info('Mi Connect:', reason);

function start({ dataset }: HTMLScriptElement, { origin }: URL, site: string, waiting?: Call[]): void {
  let config: Config | undefined;
  let loading: Promise<Panel | void> | undefined;
  let wanted: boolean | undefined;
  let lang: string;
  const own = h('mi-connect');
  const root = own.attachShadow({ mode: 'open' });

  // Addresses are text, since pages wrap fetch for their own sake.
  const send: Send = (path, body, headers, method = body ? 'POST' : 'GET') =>
    fetch(origin + '/v1/' + path, {
      method,
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      keepalive: true,
      signal: AbortSignal.timeout?.(15e3),
      headers,
      body,
    } as RequestInit);
  const pack: Pack = (fields) => JSON.stringify({ site, page: pageAddress(location, document.baseURI), ...fields });

  if (dataset.storage === 'none') forgetful();
  const counts = statistics(site, (fields) => pack({ proof: config!.proof, ...fields }), send, 'consent' in dataset);

  const part: Part = (name) => {
    const address = origin + '/widget/' + name;
    return PINS ? checked(root, address, PINS[name]!) : import(address);
  };
  const load = () =>
    (loading ||= part<PanelModule>(PANEL)
      .then((module) =>
        module.default({ root, config: config!, lang, h, adopt, randomId, pack, send, counts, write, part }),
      )
      .catch((reason) => {
        loading = 0 as never;
        note(reason);
      }));

  const calls: Api = {
    site,
    consent: counts.consent,
    open() {
      wanted = true;
      const shown = root.lastElementChild as HTMLElement | null;
      if (!shown) return;
      shown.style.opacity = '.6';
      load().then((panel) => panel?.open());
    },
    close() {
      wanted = false;
      loading?.then((panel) => panel?.close());
    },
    push(call) {
      try {
        calls[call[0]](call[1]!);
      } catch (reason) {
        note(reason);
      }
    },
  };
  page.MiConnect = calls;
  waiting?.forEach?.(calls.push);
  document.addEventListener('miconnect:consent', (event) => calls.consent((event as CustomEvent).detail?.granted));

  const observer = new IntersectionObserver(
    (entries) => {
      // Told also when the page has taken it out. Not in the body: its transform would move the button, and pages that
      // swap their body would take it along.
      if (!own.isConnected) document.documentElement.append(own);
      counts.settle(entries.pop()!.isIntersecting);
    },
    { threshold: 0.5 },
  );

  /** Puts a button into a host. */
  function dress(inside: ShadowRoot, kind: string): void {
    adopt(inside, css + `section,dialog{${config!.look}}`);
    const button = h(
      'button',
      { 'aria-haspopup': 'dialog', dir: 'auto', lang },
      dataset.label || config!.labels[lang]!,
    );
    button.onclick = calls.open;
    button.onpointerenter = button.onfocus = load;
    inside.append(h('section', { 'aria-label': config!.name, class: kind }, button));
    observer.observe(button);
  }

  function show({ labels, language, triggers }: Config): void {
    lang = (dataset.lang || document.documentElement.lang).slice(0, 2);
    if (!labels[lang]) lang = language;
    dress(root, dataset.button || dataset.position || '');
    document.addEventListener('visibilitychange', counts.settle);
    if (wanted) calls.open();
    if (triggers || dataset.button)
      part<typeof import('./extras')>(EXTRAS).then((extras) => extras.default(triggers, calls.open, dress));
  }

  /** Asks twice more for a configuration that did not come. A site that is paused or elsewhere shows nothing. */
  async function configure(pause: number): Promise<void> {
    const answer = await send('widget/' + site).catch(() => 0 as never);
    if (answer.ok) {
      config = (await answer.json()) as Config;
      if (config.active) show(config);
      else note('off here');
    } else if (answer.status < 500 || pause > 2e4) note('no configuration for ' + site);
    else setTimeout(configure, pause, pause * 5);
  }
  configure(2e3).catch(note);
}

const script = document.currentScript as HTMLScriptElement | null;
const before = page.MiConnect as Partial<Api> & Call[];
const src = script?.src ? new URL(script.src) : undefined;
// Tag managers drop attributes.
const site = src && (script!.dataset.site || src.searchParams.get('site'));
if (!site) note('no data-site');
else if (!before?.site) start(script!, src!, site, before);
// Run again by a page that swaps its content.
else if (before.site !== site) note('included twice');
