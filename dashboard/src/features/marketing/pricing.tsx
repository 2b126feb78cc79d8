import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import PLANS from '../../lib/plans.json';
import { ButtonLink } from '../../ui/button';
import './pricing.css';

const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP', maximumFractionDigits: 0 });
const many = (n: number, one: string, more = `${one}s`) => `${n.toLocaleString('en-GB')} ${n === 1 ? one : more}`;

const ABOUT: Record<string, string> = {
  free: 'See what it does for you.',
  starter: 'For businesses that take calls every day.',
  business: 'For several sites or branches.',
  agency: 'For agencies that manage clients’ websites.',
};

/** `h1` makes it the heading of its page. */
export function Pricing({ h1 }: { h1?: RefObject<HTMLHeadingElement | null> }) {
  const [yearly, setYearly] = useState(false);
  const Name = h1 ? 'h2' : 'h3';
  return (
    <section class="pricing" id="pricing" aria-labelledby="pricing-title">
      <div class="pricing-head">
        {h1 ? (
          <h1 id="pricing-title" tabIndex={-1} ref={h1}>
            Simple pricing
          </h1>
        ) : (
          <h2 id="pricing-title">Simple pricing</h2>
        )}
        <fieldset class="interval">
          <legend class="visually-hidden">Billing period</legend>
          {[false, true].map((value) => (
            <label key={String(value)}>
              <input type="radio" name="interval" checked={yearly === value} onChange={() => setYearly(value)} />
              <span>{value ? 'Yearly, two months free' : 'Monthly'}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <ul class="plans">
        {PLANS.map((plan) => (
          <li key={plan.id} class={`plan plan-${plan.id}`}>
            <Name>{plan.name}</Name>
            <p class="plan-price">
              <strong>{pounds.format((yearly ? plan.year : plan.month) / 100)}</strong>{' '}
              <span>{plan.month === 0 ? 'forever' : `a ${yearly ? 'year' : 'month'} + VAT`}</span>
            </p>
            <p class="plan-about">{ABOUT[plan.id]}</p>
            <ul class="ticks">
              {plan.limits.clients > 0 && (
                <li>
                  {many(plan.limits.clients, 'client')}, each further one{' '}
                  {pounds.format((yearly ? plan.clientYear : plan.clientMonth) / 100)}
                </li>
              )}
              <li>
                {many(plan.limits.sites, 'site')}, {many(plan.limits.members, 'person', 'people')}
              </li>
              <li>{many(plan.limits.callbacks, 'callback')} a month</li>
              <li>Requests kept for {plan.limits.keepDays} days</li>
              <li>{plan.month === 0 ? 'No card, no end date' : '14-day free trial, no card'}</li>
            </ul>
            <ButtonLink
              href={plan.month === 0 ? '/register' : `/register?plan=${plan.id}&interval=${yearly ? 'year' : 'month'}`}
              look={plan.id === 'business' ? 'primary' : 'plain'}
            >
              {plan.month === 0 ? (
                'Start free'
              ) : (
                <>
                  Try it<span class="visually-hidden"> with {plan.name}</span>
                </>
              )}
            </ButtonLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
