import type { Access, BillingNotice } from '../../lib/api.gen';
import { useMe } from '../../lib/me';
import { ButtonLink } from '../../ui/button';
import './dues.css';

/** What is said of a notice, and what its one button is called. */
export const NOTICES: Record<Exclude<BillingNotice, ''>, { title: string; text: string; button: string }> = {
  'trial-ending': {
    title: 'Your trial ends soon',
    text: 'Add a card to keep your plan. Without one the account goes on with the Free plan; nothing is deleted.',
    button: 'Add a card',
  },
  'payment-failed': {
    title: 'A payment failed',
    text: 'Pay the open invoice, with the same card or another one.',
    button: 'Mend the payment',
  },
  'action-needed': {
    title: 'Your bank wants you to approve a payment',
    text: 'The payment waits until you have told your bank that it is you.',
    button: 'Approve the payment',
  },
  ended: {
    title: 'Your subscription has ended',
    text: 'The account goes on with the Free plan. Nothing was deleted; what is over its limits rests.',
    button: 'Choose a plan',
  },
};

export const ACCESS: Record<Exclude<Access, 'full'>, string> = {
  'read-only': 'Until it is paid, settings cannot be changed. Callbacks still arrive, and nothing is deleted.',
  paused: 'Until it is paid, your widgets tell visitors that no callback can be booked. Nothing is deleted.',
};

/** Who does not pay cannot mend it. */
export function dues(notice: Exclude<BillingNotice, ''>, paidBy?: string) {
  return paidBy
    ? {
        title: `${paidBy}, which pays for this account, has a payment overdue`,
        text: 'Only they can mend it.',
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
