import { useState } from 'preact/hooks';
import { ButtonLink } from '../ui/button';

const pounds = new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'GBP', maximumFractionDigits: 0 });

const PLANS = [
  { id: 'free', name: 'Free', month: 0, about: 'To see what it does for you.', has: ['1 site', '30 callbacks a month', 'No card, no end date'] },
  { id: 'starter', name: 'Starter', month: 19, about: 'For a business that takes calls every day.', has: ['All of Free', 'More callbacks', '14 days to try it'] },
  { id: 'business', name: 'Business', month: 49, about: 'For several sites or places.', has: ['All of Starter', 'More sites', '14 days to try it'] },
  { id: 'agency', name: 'Agency', month: 149, about: 'For those who look after others’ websites.', has: ['Many clients under one login', 'Each client kept apart', '14 days to try it'] },
];

export function Pricing() {
  const [yearly, setYearly] = useState(false);
  return (
    <section class="pricing" id="pricing" aria-labelledby="pricing-title">
      <div class="pricing-head">
        <h2 id="pricing-title">A bill you understand</h2>
        <fieldset class="interval">
          <legend class="visually-hidden">Pay</legend>
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
            <h3>{plan.name}</h3>
            <p class="plan-price">
              <strong>{pounds.format(yearly ? plan.month * 10 : plan.month)}</strong>{' '}
              <span>{plan.month === 0 ? 'for good' : `a ${yearly ? 'year' : 'month'} + VAT`}</span>
            </p>
            <p class="plan-about">{plan.about}</p>
            <ul class="ticks">{plan.has.map((one) => <li key={one}>{one}</li>)}</ul>
            <ButtonLink href="/register" look={plan.id === 'business' ? 'primary' : 'plain'}>
              {plan.month === 0 ? 'Start free' : <>Try it<span class="visually-hidden"> with {plan.name}</span></>}
            </ButtonLink>
          </li>
        ))}
      </ul>
    </section>
  );
}
