import { useEffect, useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Interval, Plan, PlanChoice, PortalRequest } from '../../lib/api.gen';
import { toast } from '../../ui/toast';

type Leaving =
  | [path: '/v1/billing/checkout', body: PlanChoice]
  | [path: '/v1/billing/portal', body: PortalRequest]
  | [path: '/v1/billing/payment-link'];

const page = (...leaving: Leaving) => {
  switch (leaving[0]) {
    case '/v1/billing/checkout':
      return call('POST', leaving[0], { body: leaving[1] });
    case '/v1/billing/portal':
      return call('POST', leaving[0], { body: leaving[1] });
    default:
      return call('POST', leaving[0]);
  }
};

/** Leaves for a page of Stripe's, in the whole window: nothing of Stripe's ever runs in ours. */
export async function leaveFor(...leaving: Leaving): Promise<void> {
  const { url } = await page(...leaving);
  location.assign(url);
}

/** What a plan costs, an agency's further clients included. */
export const priceOf = (plan: Plan, interval: Interval, clients: number): number =>
  (interval === 'year' ? plan.year : plan.month) +
  Math.max(0, clients - plan.limits.clients) * (interval === 'year' ? plan.clientYear : plan.clientMonth);

export function useAct(): { busy: string | null; act: (name: string, run: () => Promise<void>) => Promise<void> } {
  const [busy, setBusy] = useState<string | null>(null);
  useEffect(() => {
    // Coming back by the browser's own button finds the page as it was left: busy.
    const back = (event: PageTransitionEvent) => event.persisted && setBusy(null);
    addEventListener('pageshow', back);
    return () => removeEventListener('pageshow', back);
  }, []);
  return {
    busy,
    act: async (name, run) => {
      if (busy) return;
      setBusy(name);
      try {
        await run();
      } catch (error) {
        toast({
          text: detailOf(error),
          bad: true,
        });
      }
      setBusy(null);
    },
  };
}
