import { useEffect, useState } from 'preact/hooks';
import { acknowledge, acknowledged, onNotice } from '../policy/notice';
import { Button } from '../ui/button';

/** Stands above the page, never over it: nothing is stored for statistics here, so there is nothing to ask. */
export function Notice() {
  const [seen, setSeen] = useState(acknowledged);
  useEffect(() => onNotice(() => setSeen(acknowledged())), []);
  if (seen) return null;
  return (
    <section class="notice" aria-label="Cookie notice">
      <div class="notice-inside">
        <p>
          These pages keep only what they need on your device: your login, and that you have read this. No advertising, no tracking. <a href="/cookies">Cookie policy</a>
        </p>
        <Button small onClick={acknowledge}>OK</Button>
      </div>
    </section>
  );
}
