import type { Billing } from '../../src/lib/api.gen';
import { type Routes, refuse, type SignedCall } from './routes';

const plan = (
  id: Billing['plan']['id'],
  name: string,
  rank: number,
  month: number,
  sites: number,
  members: number,
  callbacks: number,
  keepDays: number,
  clients = 0,
) => ({
  id,
  name,
  rank,
  month,
  year: month * 10,
  clientMonth: clients && 900,
  clientYear: clients && 9000,
  limits: { sites, members, callbacks, keepDays, clients, api: rank > 1 },
});
const PLANS = [
  plan('free', 'Free', 0, 0, 1, 1, 30, 30),
  plan('starter', 'Starter', 1, 1900, 3, 3, 300, 90),
  plan('business', 'Business', 2, 4900, 10, 10, 2000, 365),
  plan('agency', 'Agency', 3, 14_900, 50, 25, 10_000, 365, 10),
];

export const freeOfCharge = (): Billing => ({
  plan: PLANS[0]!,
  limits: PLANS[0]!.limits,
  access: 'full',
  notice: '',
  subscription: null,
  trialDays: 14,
  usage: { sites: 1, members: 1, clients: 0, callbacks: 41 },
  mayPay: true,
  closingAt: null,
  plans: PLANS,
});

/** A Starter plan that is paid for. */
export const starter = (): Billing => ({
  ...freeOfCharge(),
  plan: PLANS[1]!,
  limits: PLANS[1]!.limits,
  trialDays: 0,
  subscription: {
    status: 'active',
    plan: 'starter',
    interval: 'month',
    clients: 1,
    periodEnd: '2026-12-07T10:00:00Z',
    trialEnd: null,
    endsAt: null,
    endedAt: null,
    hasCard: true,
    duplicates: 0,
    pause: null,
  },
});

const shown = ({ world }: SignedCall) => ({ status: 200, body: world.billing });
const notSubscribed = () => refuse(409, 'not-subscribed', "You don't have a subscription. Choose a plan first.");

export const signedIn: Routes<SignedCall> = {
  'GET /v1/billing': shown,
  'POST /v1/billing/refresh': shown,
  'GET /v1/billing/invoices': ({ world }) => ({ status: 200, body: world.bills }),
  'POST /v1/billing/preview': () => ({
    status: 200,
    body: {
      now: 1318,
      tax: 220,
      next: 4900,
      nextAt: '2026-12-07T10:00:00Z',
      at: '2026-11-23T10:00:00Z',
      over: ['members'],
    },
  }),
  'POST /v1/billing/cancel': notSubscribed,
  'POST /v1/billing/change': notSubscribed,
  'POST /v1/billing/checkout': notSubscribed,
  'POST /v1/billing/payment-link': notSubscribed,
  'POST /v1/billing/portal': notSubscribed,
  'POST /v1/billing/resume': notSubscribed,
};
