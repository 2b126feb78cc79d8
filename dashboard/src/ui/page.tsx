import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { setTitle } from '../lib/title';

// The first view keeps the browser's own focus; each later one moves it to its heading.
let first = true;

interface Props {
  title: string;
  /** What the heading shows when that is not the title. */
  heading?: ComponentChildren;
  lead?: ComponentChildren;
  width?: 'narrow' | 'column' | 'policy' | 'wide';
  above?: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
}

export function Page({ title, heading, lead, width = 'wide', above, aside, children }: Props) {
  const h1 = useTitle(title);
  return (
    <main id="main" class={`page page-${width}`} tabIndex={-1}>
      {above}
      <div class="page-head">
        <div>
          <h1 tabIndex={-1} ref={h1}>
            {heading ?? title}
          </h1>
          {lead && <div class="lead">{lead}</div>}
        </div>
        {aside}
      </div>
      {children}
    </main>
  );
}

/** Names the document, and returns the heading's place for the focus. */
export function useTitle(title: string) {
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    setTitle(title === 'Mi Connect' ? 'Mi Connect: callbacks without tracking' : `${title} · Mi Connect`);
  }, [title]);
  useEffect(() => {
    if (first) first = false;
    else h1.current?.focus({ preventScroll: true });
    // The browser looked for the part before the page was there.
    if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  return h1;
}
