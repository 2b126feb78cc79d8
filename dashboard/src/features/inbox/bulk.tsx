import { useState } from 'preact/hooks';
import type { Callback, CallbackMark } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { OUTCOMES } from './words';

/** As many as one call takes. */
const MOST = 50;

interface Props {
  items: Callback[];
  run: (what: CallbackMark, done: string) => Promise<void>;
  clear: () => void;
}

/** What can be done with the requests that are ticked. */
export function Bulk({ items, run, clear }: Props) {
  const [busy, setBusy] = useState(false);
  const press = async (what: CallbackMark, done: string) => {
    setBusy(true);
    await run(what, done);
    setBusy(false);
  };
  if (items.length > MOST) {
    return (
      <p class="inbox-bulk note" role="status">
        Select {MOST} requests or fewer.
      </p>
    );
  }
  return (
    <div class="inbox-bulk note" role="group" aria-label="Selected requests">
      <p role="status">{items.length} selected</p>
      {OUTCOMES.map(({ id, label }) => (
        <Button key={id} small busy={busy} onClick={() => press({ outcome: id }, `marked as ${label.toLowerCase()}`)}>
          {label}
        </Button>
      ))}
      <Button small busy={busy} onClick={() => press({ assign: 'me' }, 'assigned to you')}>
        Assign to me
      </Button>
      <Button small look="bare" onClick={clear}>
        Clear
      </Button>
    </div>
  );
}
