// What a design looks like before it is saved: the button and the panel as visitors have them, on our own page of
// settings. Nothing is stored, counted or sent.
import css from './button.css';
import { adopt, h } from './dom';
import type { Config, Context, Panel, PanelModule, Part, Send } from './types';
import { randomId } from './visit';

declare const PANEL: string;

const silent = () => {};

export interface Preview {
  /** Draws the button in a language, with a design in place of the one before. */
  show(config: Config, lang: string): void;
  open(): void;
  remove(): void;
}

export default function preview(): Preview {
  let host: HTMLElement | undefined;
  let open = silent;

  // Times are the site's own; a request is only said to have been taken.
  const send: Send = (path) =>
    path.startsWith('widget/')
      ? fetch('/v1/' + path)
      : Promise.resolve(new Response('{"manageUrl":""}', { status: 201 }));

  function show(config: Config, lang: string): void {
    host?.remove();
    host = document.body.appendChild(document.createElement('mi-connect'));
    const root = host.attachShadow({ mode: 'open' });
    adopt(root, `${css}section,dialog{${config.look}}`);
    const button = h('button', { 'aria-haspopup': 'dialog', dir: 'auto', lang }, config.labels[lang]!);
    root.append(h('section', { 'aria-label': 'Your widget' }, button));
    let panel: Promise<Panel> | undefined;
    const counts = { track: silent, settle: silent, consent: silent, counting: () => true, blocked: () => false };
    const part: Part = (name) => import(`${location.origin}/widget/${name}`);
    const context: Context = {
      root,
      config,
      lang,
      h,
      adopt,
      randomId,
      pack: JSON.stringify,
      send,
      counts,
      write: silent,
      part,
    };
    open = () => {
      panel ||= part<PanelModule>(PANEL).then((module) => module.default(context));
      panel!.then((one) => one.open());
    };
    button.onclick = open;
  }

  return {
    show,
    open: () => open(),
    remove() {
      host?.remove();
      open = silent;
    },
  };
}
