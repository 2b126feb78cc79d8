import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { BlockedNumber, Callback } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';

/** Keeps a number from asking this site again, and takes that back. */
export function BlockNumber({ item }: { item: Callback }) {
  const [now, setNow] = useState<BlockedNumber>();
  const [busy, setBusy] = useState(false);
  const block = async (blocked: boolean) => {
    setBusy(true);
    try {
      const body = { phone: item.phone, blocked };
      setNow(await call('POST', '/v1/sites/{id}/blocked-numbers', { path: { id: item.site }, body }));
    } catch (error) {
      toast({ text: detailOf(error), bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <p class="request-block" role="status">
      {now?.blocked && <span class="muted">Requests from this number are refused on this site. </span>}
      <Button small look="bare" busy={busy} onClick={() => block(!now?.blocked)}>
        {now?.blocked ? 'Unblock it' : 'Block this number'}
      </Button>
    </p>
  );
}
