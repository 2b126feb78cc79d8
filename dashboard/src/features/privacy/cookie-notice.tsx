import { useLayoutEffect, useState } from 'preact/hooks';
import { Button } from '../../ui/button';
import { acknowledge, acknowledged, news, noticeText, onNotice } from './cookie-choice';
import './cookie-notice.css';

/**
 * Stands above the page, never over it, and asks for nothing: nothing here needs consent. Closing it
 * stores nothing, so it is there again on the next visit.
 */
export function Notice() {
  // Pages written at build time hold the notice: the first render is the same, and what was acknowledged goes
  // before anything is painted.
  const [gone, hide] = useState(false);
  useLayoutEffect(() => {
    hide(acknowledged());
    return onNotice(() => hide(acknowledged()));
  }, []);
  if (gone) return null;
  const changes = news();
  return (
    <section class="notice" aria-label="Cookie notice">
      <div class="notice-inside">
        <p>
          {noticeText} {changes.length > 0 && <strong>New: {changes.join(' ')} </strong>}
          <a href="/cookies">Cookie policy</a>
        </p>
        <Button small onClick={acknowledge}>
          OK
        </Button>
        <Button small look="bare" aria-label="Close this notice" onClick={() => hide(true)}>
          Close
        </Button>
      </div>
    </section>
  );
}
