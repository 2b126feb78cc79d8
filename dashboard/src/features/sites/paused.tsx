import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { useMe } from '../../lib/me';
import { Button, ButtonLink } from '../../ui/button';
import { toast } from '../../ui/toast';

const WHY = {
  payment: 'A payment is overdue, so visitors can’t ask for calls here.',
  plan: 'Your plan runs fewer sites than you have, so visitors can’t ask for calls here.',
  closing: 'This account is closed, so visitors can’t ask for calls here.',
};

/** On a site's views: that its widget does not run, why, and what helps. */
export function PausedNote({ site, changed }: { site: Site; changed: (site: Site) => void }) {
  const me = useMe();
  const [busy, setBusy] = useState(false);
  if (!site.paused) return null;
  const may = me?.role === 'owner' || me?.role === 'admin';
  const choose = async () => {
    setBusy(true);
    try {
      changed(await call('POST', '/v1/sites/{id}/choose', { path: { id: site.id } }));
      toast({ text: `${site.name} runs now.` });
    } catch (error) {
      toast({ text: detailOf(error), bad: true });
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="paused-note" aria-label="This site is paused">
      <p>
        <strong>The widget is paused.</strong> {WHY[site.paused]} Nothing is deleted.
      </p>
      {may && site.paused === 'plan' && (
        <p class="buttons">
          <Button small busy={busy} onClick={choose}>
            Run this site instead of another
          </Button>
          <ButtonLink small href="/app/billing">
            See plans
          </ButtonLink>
        </p>
      )}
      {may && site.paused === 'payment' && !me.billing?.paidBy && (
        <p class="buttons">
          <ButtonLink small href="/app/billing">
            Go to billing
          </ButtonLink>
        </p>
      )}
    </section>
  );
}
