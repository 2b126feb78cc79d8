// What few pages need, loaded only there: a page's own <mi-connect>, and opening by itself.
import type { Triggers } from './types';

export default function extras(triggers: Triggers | undefined, open: () => void, dress: Dress): void {
  if (triggers) watch(triggers, open);
  inline(dress);
}

type Dress = (inside: ShadowRoot, kind: string) => void;

/** A page's own <mi-connect> becomes the button, in the text. */
function inline(dress: Dress): void {
  customElements.define(
    'mi-connect',
    class extends HTMLElement {
      connectedCallback() {
        if (this.shadowRoot) return;
        const inside = this.attachShadow({ mode: 'open' });
        dress(inside, '');
        (inside.lastElementChild as HTMLElement).style.position = 'static';
      }
    },
  );
}

/** Whether a path is one of those chosen, where * stands for anything. No choice is every page. */
export function chosen(path: string, pages: string[] = []): boolean {
  const matches = (pattern: string) => {
    const [first = '', ...rest] = pattern.split('*');
    if (!rest.length) return path === first || path === first + '/';
    const last = rest.pop()!;
    let at = first.length;
    if (!path.startsWith(first)) return false;
    for (const piece of rest) {
      at = path.indexOf(piece, at);
      if (at < 0) return false;
      at += piece.length;
    }
    return path.length - at >= last.length && path.endsWith(last);
  };
  return !pages.length || pages.some(matches);
}

/** Opens the panel by itself, once a page view. Nothing of it is stored. */
function watch(triggers: Triggers, open: () => void): void {
  const { afterSeconds, scrolledPercent, onExit, pages } = triggers;
  let over = false;
  const fire = () => {
    if (over || !chosen(location.pathname, pages)) return;
    over = true;
    removeEventListener('scroll', scrolled);
    document.removeEventListener('mouseout', left);
    open();
  };
  const scrolled = () => {
    const { scrollHeight, clientHeight } = document.documentElement;
    if (scrollY + clientHeight >= (scrollHeight * scrolledPercent!) / 100) fire();
  };
  // By the top edge, towards the address bar and the tabs.
  const left = ({ relatedTarget, clientY }: MouseEvent) => {
    if (!relatedTarget && clientY <= 0) fire();
  };
  if (afterSeconds) setTimeout(fire, afterSeconds * 1000);
  if (scrolledPercent) addEventListener('scroll', scrolled, { passive: true });
  if (onExit) document.addEventListener('mouseout', left);
}
