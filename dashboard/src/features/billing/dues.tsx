import type { Access, BillingNotice } from '../../lib/api.gen';
import { useMe } from '../../lib/me';
import { ButtonLink } from '../../ui/button';
import './dues.css';

/** What is said of a notice, and what its one button is called. */
export const NOTICES: Record<Exclude<BillingNotice, ''>, { title: string; text: string; button: string }> = {
  'trial-ending': {
    title: 'Your trial ends soon',
    text: 'Add a card to keep your plan. Otherwise your account moves to the Free plan; nothing is deleted.',
    button: 'Add card',
  },
  'payment-failed': {
    title: 'A payment failed',
    text: 'Pay the open invoice with the same card or a different one.',
    button: 'Fix payment',
  },
  'action-needed': {
    title: 'Approve a payment with your bank',
    text: 'Your bank needs you to confirm this payment.',
    button: 'Approve payment',
  },
  ended: {
    title: 'Your subscription has ended',
    text: 'Your account is now on the Free plan. Nothing was deleted; anything above the Free plan’s limits is paused.',
    button: 'Choose a plan',
  },
};

export const ACCESS: Record<Exclude<Access, 'full'>, string> = {
  'read-only': 'You can’t change settings until it’s paid. Callback requests still arrive, and nothing is deleted.',
  paused: 'Until it’s paid, your widgets tell visitors that callbacks are unavailable. Nothing is deleted.',
};

/** Who does not pay cannot fix it. */
export function dues(notice: Exclude<BillingNotice, ''>, paidBy?: string) {
  return paidBy
    ? {
        title: `${paidBy} pays for this account and has a payment overdue`,
        text: 'Only they can fix it.',
        button: '',
      }
    : NOTICES[notice];
}

/** On every view but billing's own: what needs the owner, and the way there. */
export function DuesBanner() {
  const me = useMe();
  const billing = me?.billing;
  if (!billing?.notice || billing.notice === 'ended') return null;
  const { title, text } = dues(billing.notice, billing.paidBy);
  const may = !billing.paidBy && (me!.role === 'owner' || me!.role === 'admin');
  return (
    <section class="dues" aria-label="Billing">
      <p>
        <strong>{title}.</strong> {billing.access === 'full' ? text : ACCESS[billing.access]}
      </p>
      {may && (
        <ButtonLink href="/app/billing" small>
          Go to billing
        </ButtonLink>
      )}
    </section>
  );
}
