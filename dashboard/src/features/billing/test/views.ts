import { heading, paid, text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
  { name: 'billing-free', path: '/app/billing', signedIn: true, act: heading('Choose a plan') },
  {
    name: 'billing-chosen',
    path: '/app/billing?plan=business&interval=year',
    signedIn: true,
    act: text('Your choice'),
  },
  { name: 'billing-paid', path: '/app/billing', signedIn: true, given: paid, act: text('£22.80') },
  {
    name: 'billing-owing',
    path: '/app/billing',
    signedIn: true,
    given: (world) => {
      paid(world);
      Object.assign(world.billing, { notice: 'payment-failed', access: 'read-only' });
      world.billing.subscription!.status = 'past_due';
    },
    act: async (page) => {
      await heading('A payment failed')(page);
      await text('£22.80')(page);
    },
  },
  {
    name: 'billing-price',
    path: '/app/billing',
    signedIn: true,
    given: paid,
    act: async (page) => {
      await text('£22.80')(page);
      await page.getByRole('button', { name: 'Choose Business' }).click();
      await heading('Change to Business?')(page);
    },
  },
  {
    name: 'billing-paused',
    path: '/app/billing',
    signedIn: true,
    given: (world) => {
      paid(world);
      world.billing.subscription!.pause = { until: '2027-03-03T10:00:00Z', later: true };
    },
    act: text('Payments are paused'),
  },
  {
    name: 'billing-closing',
    path: '/app/billing',
    signedIn: true,
    given: (world) => {
      paid(world);
      world.billing.closingAt = '2026-12-27T10:00:00Z';
    },
    act: heading('This account is scheduled for deletion'),
  },
  {
    name: 'billing-refused',
    path: '/app/billing',
    signedIn: true,
    given: paid,
    act: async (page) => {
      await text('£22.80')(page);
      await page.getByRole('button', { name: 'Change card' }).click();
      await text("You don't have a subscription.")(page);
    },
  },
];
