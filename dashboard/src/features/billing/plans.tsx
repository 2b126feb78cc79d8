import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { Billing, Interval, PaidPlanId, Plan, Quote } from '../../lib/api.gen';
import { day, money, number } from '../../lib/format';
import { place } from '../../lib/router';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field } from '../../ui/field';
import { leaveFor, priceOf, useAct } from './act';

interface Props {
  billing: Billing;
  changed: (now: Billing, said: string) => void;
}

/** All plans; choosing one leads to Stripe's page, or, with a subscription, to what the change costs. */
export function Plans({ billing, changed }: Props) {
  const sub = billing.subscription;
  const live = sub !== null && !['canceled', 'incomplete', 'incomplete_expired'].includes(sub.status);
  // As chosen on the price list, before there was an account.
  const { query } = place();
  const chosen = live ? null : query.get('plan');
  const [interval, setInterval] = useState<Interval>(
    live ? sub.interval : query.get('interval') === 'year' ? 'year' : 'month',
  );
  const [clients, setClients] = useState(Math.max(live ? sub.clients : 0, billing.usage.clients));
  const [offer, setOffer] = useState<{ plan: Plan; quote: Quote } | null>(null);
  const { busy, act } = useAct();

  /** How many clients a plan would be bought for: those included at least. */
  const forClients = (plan: Plan): number => (plan.clientMonth > 0 ? Math.max(plan.limits.clients, clients) : 0);
  const wished = (plan: Plan) => ({
    plan: plan.id as PaidPlanId,
    interval,
    ...(plan.clientMonth > 0 && { clients: forClients(plan) }),
  });
  const choose = (plan: Plan) =>
    act(plan.id, async () => {
      const wish = wished(plan);
      if (live) setOffer({ plan, quote: await call('POST', '/v1/billing/preview', { body: wish }) });
      else await leaveFor('/v1/billing/checkout', wish);
    });

  return (
    <section aria-labelledby="plans-title">
      <div class="plans-head">
        <h2 id="plans-title">{live ? 'Change plan' : 'Choose a plan'}</h2>
        <fieldset class="interval">
          <legend class="visually-hidden">Billing period</legend>
          {(['month', 'year'] as const).map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="interval"
                value={one}
                checked={interval === one}
                onChange={() => setInterval(one)}
              />
              <span>{one === 'month' ? 'Monthly' : 'Yearly, two months free'}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <ul class="plans">
        {billing.plans.map((plan) => {
          const same = live && sub.plan === plan.id && sub.interval === interval;
          const mine = live
            ? same && (plan.clientMonth === 0 || sub.clients === forClients(plan))
            : plan.id === billing.plan.id;
          return (
            <li key={plan.id} class={`card plan${mine || plan.id === chosen ? ' plan-mine' : ''}`}>
              <h3>{plan.name}</h3>
              {plan.id === chosen && <p class="tag tag-called">Your choice</p>}
              <p class="plan-price">
                {plan.month > 0 ? money(priceOf(plan, interval, forClients(plan))) : money(0)}{' '}
                {plan.month > 0 && <span class="muted">a {interval}</span>}
              </p>
              <ul class="plain-list">
                <li>
                  {many(plan.limits.sites, 'site')},{' '}
                  {plan.limits.members === 1 ? '1 person' : `${number(plan.limits.members)} people`}
                </li>
                <li>{number(plan.limits.callbacks)} callback requests a month</li>
                <li>Requests kept for {number(plan.limits.keepDays)} days</li>
                {plan.limits.clients > 0 && (
                  <li>
                    {plan.limits.clients} clients, then{' '}
                    {money(interval === 'year' ? plan.clientYear : plan.clientMonth)} a {interval}
                  </li>
                )}
              </ul>
              {plan.clientMonth > 0 && billing.mayPay && (
                <Field
                  label="Number of clients"
                  name="clients"
                  type="number"
                  inputMode="numeric"
                  min={plan.limits.clients}
                  max={500}
                  defaultValue={String(forClients(plan))}
                  onInput={(event) => setClients(Math.min(500, Math.trunc(Number(event.currentTarget.value)) || 0))}
                />
              )}
              {mine ? (
                <p class="plan-now">Your plan</p>
              ) : plan.month > 0 && billing.mayPay && !billing.closingAt ? (
                <Button
                  look={plan.rank > billing.plan.rank ? 'primary' : 'plain'}
                  busy={busy === plan.id}
                  onClick={() => choose(plan)}
                >
                  {same ? (
                    `Change to ${forClients(plan)} clients`
                  ) : live || billing.trialDays === 0 ? (
                    `Choose ${plan.name}`
                  ) : (
                    <>
                      Try {billing.trialDays} days free<span class="visually-hidden"> with {plan.name}</span>
                    </>
                  )}
                </Button>
              ) : null}
            </li>
          );
        })}
      </ul>
      {!live && billing.trialDays > 0 && (
        <p class="muted small">
          No card needed. If you don’t add one, your account moves to the Free plan when the trial ends.
        </p>
      )}
      {offer && (
        <Offer
          {...offer}
          title={
            live && sub.plan === offer.plan.id && sub.interval === interval
              ? `Change to ${forClients(offer.plan)} clients?`
              : `Change to ${offer.plan.name}?`
          }
          interval={interval}
          close={() => setOffer(null)}
          accept={() =>
            act('change', async () => {
              const { at, now: told } = offer.quote;
              const now = await call('POST', '/v1/billing/change', {
                body: { ...wished(offer.plan), at, now: told },
              }).catch((error) => {
                // The new price is shown in place of the old one; whoever wants it presses again.
                if (error instanceof ApiError && error.code === 'price-changed')
                  setOffer({ plan: offer.plan, quote: error.extra.preview as Quote });
                throw error;
              });
              setOffer(null);
              changed(
                now,
                now.plan.id === offer.plan.id
                  ? `You’re now on the ${offer.plan.name} plan.`
                  : 'The payment hasn’t gone through yet. Your plan is unchanged.',
              );
            })
          }
          busy={busy === 'change'}
        />
      )}
    </section>
  );
}

const many = (n: number, what: string): string => (n === 1 ? `1 ${what}` : `${number(n)} ${what}s`);

/** What a change costs is said before it is made. */
function Offer({
  title,
  plan,
  quote,
  interval,
  close,
  accept,
  busy,
}: {
  title: string;
  plan: Plan;
  quote: Quote;
  interval: Interval;
  close: () => void;
  accept: () => void;
  busy: boolean;
}) {
  const { now, tax } = quote;
  return (
    <Dialog title={title} onClose={close}>
      <dl class="quote">
        <div>
          <dt>{now < 0 ? 'Credit towards your next invoices' : 'Due now for the rest of this period'}</dt>
          <dd>
            {money(Math.abs(now))}
            {tax !== 0 && <span class="muted small"> including {money(Math.abs(tax))} VAT</span>}
          </dd>
        </div>
        <div>
          <dt>From {day(quote.nextAt)}</dt>
          <dd>
            {money(quote.next)} a {interval}
            <span class="muted small"> plus VAT</span>
          </dd>
        </div>
      </dl>
      {quote.over.length > 0 && (
        <p class="note">
          You use more {quote.over.join(' and ')} than {plan.name} includes. Nothing is removed, but you can’t add more.
        </p>
      )}
      <div class="form-end">
        <Button look="primary" busy={busy} onClick={accept}>
          {now > 0 ? `Pay ${money(now)} and change` : 'Change plan'}
        </Button>
        <Button look="bare" onClick={close}>
          Keep current plan
        </Button>
      </div>
    </Dialog>
  );
}
