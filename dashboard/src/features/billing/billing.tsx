import { useEffect, useState } from 'preact/hooks';
import { call } from '../../lib/api';
import { SUPPORT } from '../../lib/contact';
import { day, money, number } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { refreshMe } from '../../lib/me';
import { navigate, place } from '../../lib/router';
import { ACCESS, dues } from './dues';
import './billing.css';
import type { Billing as What } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { leaveFor, priceOf, useAct } from './act';
import { Invoices } from './invoices';
import { Plans } from './plans';

export function Billing() {
  // Whoever comes back from Stripe's page sees what Stripe says; the address only says that it is worth asking.
  const [back] = useState(() => place().query.has('checkout'));
  const { data, error, reload, set } = useLoad('billing', (signal) =>
    back ? call('POST', '/v1/billing/refresh', { signal }) : call('GET', '/v1/billing', { signal }),
  );
  useEffect(() => {
    if (!back || !data) return;
    navigate('/app/billing', { replace: true });
    refreshMe();
  }, [back, data !== undefined]);
  const changed = (now: What, said: string) => {
    set(now);
    refreshMe();
    toast({ text: said });
  };
  return (
    <Page title="Billing" lead="Prices exclude VAT. Stripe handles cards and invoices; we never see card numbers.">
      {!data &&
        (error ? (
          <Failed error={error} retry={reload} />
        ) : (
          <Loading what={back ? 'Checking your payment' : 'Loading billing'} />
        ))}
      {data && (
        <div class="billing">
          <Notice billing={data} />
          {data.closingAt && <Closing at={data.closingAt} mayRestore={data.mayPay} restored={reload} />}
          <Current billing={data} changed={changed} />
          <Plans billing={data} changed={changed} />
          {data.subscription && <Invoices key={JSON.stringify(data.subscription)} />}
        </div>
      )}
    </Page>
  );
}

function Notice({ billing }: { billing: What }) {
  const { busy, act } = useAct();
  if (!billing.notice) return null;
  const { title, text, button } = dues(billing.notice, billing.paidBy);
  const ended = billing.notice === 'ended';
  return (
    <section class={`dues-card${ended ? ' dues-calm' : ''}`} role="status" aria-labelledby="dues-title">
      <div>
        <h2 id="dues-title">{title}</h2>
        <p>
          {text} {billing.access !== 'full' && ACCESS[billing.access]}
        </p>
      </div>
      {!ended && !billing.paidBy && billing.mayPay && (
        <Button
          look="primary"
          busy={busy === 'payment-link'}
          onClick={() => act('payment-link', () => leaveFor('/v1/billing/payment-link'))}
        >
          {button}
        </Button>
      )}
    </section>
  );
}

/** A closed account can begin nothing that is paid for: it is restored first. */
function Closing({ at, mayRestore, restored }: { at: string; mayRestore: boolean; restored: () => void }) {
  const { busy, act } = useAct();
  return (
    <section class="dues-card dues-calm" aria-labelledby="closing-title">
      <div>
        <h2 id="closing-title">This account is scheduled for deletion</h2>
        <p>
          Everything in it will be deleted on {day(at)}, and you won’t be charged after that.{' '}
          {mayRestore ? 'Restore the account to choose a plan.' : 'An owner can restore it until then.'}
        </p>
      </div>
      {mayRestore && (
        <Button
          look="primary"
          busy={busy === 'restore'}
          onClick={() =>
            act('restore', async () => {
              await call('POST', '/v1/account/restore');
              toast({ text: 'Account restored.' });
              refreshMe();
              restored();
            })
          }
        >
          Restore account
        </Button>
      )}
    </section>
  );
}

const SAID: Record<string, string> = {
  incomplete: 'Awaiting first payment',
  trialing: 'Trial',
  active: 'Active',
  past_due: 'Payment overdue',
  unpaid: 'Unpaid',
  paused: 'Paused',
  canceled: 'Ended',
};

function Current({ billing, changed }: { billing: What; changed: (now: What, said: string) => void }) {
  const { plan, subscription: sub, limits, usage } = billing;
  const { busy, act } = useAct();
  const live = sub && !['canceled', 'incomplete', 'incomplete_expired'].includes(sub.status);
  const price = live ? priceOf(plan, sub.interval, sub.clients) : 0;
  return (
    <section class="card" aria-labelledby="plan-title">
      <div class="card-head">
        <h2 id="plan-title">{plan.name}</h2>
        {live && (
          <p>
            <span class={`tag${sub.status === 'past_due' || sub.status === 'unpaid' ? ' tag-missed' : ' tag-called'}`}>
              {SAID[sub.status]}
            </span>
          </p>
        )}
      </div>
      {billing.paidBy ? (
        <p>
          Paid for by your agency, <strong>{billing.paidBy}</strong>.
        </p>
      ) : (
        <p class="plan-price">
          {live ? (
            <>
              {money(price)} <span class="muted">a {sub.interval}</span>
            </>
          ) : (
            'Free forever'
          )}
        </p>
      )}
      {live && (
        <p class="muted">
          {sub.endsAt ? (
            <>
              Ends on <strong>{day(sub.endsAt)}</strong>. Everything keeps working until then.
            </>
          ) : sub.status === 'trialing' ? (
            <>
              Free until <strong>{day(sub.trialEnd!)}</strong>
              {sub.hasCard ? ', then we charge your card.' : '. You haven’t added a card yet.'}
            </>
          ) : sub.pause ? (
            <>
              Payments are paused{' '}
              {sub.pause.until ? (
                <>
                  until <strong>{day(sub.pause.until)}</strong>
                </>
              ) : (
                'until further notice'
              )}
              . You keep your plan.{' '}
              {sub.pause.later
                ? 'Invoices from this period are collected afterwards.'
                : 'You won’t be charged for this period.'}
            </>
          ) : sub.status === 'past_due' || sub.status === 'unpaid' ? (
            'The last payment didn’t go through.'
          ) : (
            sub.periodEnd && (
              <>
                Renews on <strong>{day(sub.periodEnd)}</strong>.
              </>
            )
          )}
        </p>
      )}
      {sub !== null && sub.duplicates > 0 && (
        <p class="note">
          You have been billed twice by mistake. Write to <a href={`mailto:${SUPPORT}`}>{SUPPORT}</a> and we’ll refund
          the duplicate.
        </p>
      )}
      <div class="usage">
        <Use name="Sites" used={usage.sites} of={limits.sites} />
        <Use name="People" used={usage.members} of={limits.members} />
        {limits.clients > 0 && <Use name="Clients" used={usage.clients} of={limits.clients} />}
        <Use
          name="Callback requests this month"
          used={usage.callbacks}
          of={limits.callbacks}
          over="We still keep every request."
        />
      </div>
      {live && billing.mayPay && (
        <div class="buttons">
          <Button
            busy={busy === 'card'}
            onClick={() => act('card', () => leaveFor('/v1/billing/portal', { card: true }))}
          >
            {sub.hasCard ? 'Change card' : 'Add card'}
          </Button>
          <Button busy={busy === 'portal'} onClick={() => act('portal', () => leaveFor('/v1/billing/portal', {}))}>
            Billing details and VAT number
          </Button>
          {sub.endsAt && billing.closingAt ? null : sub.endsAt ? (
            <Button
              look="primary"
              busy={busy === 'resume'}
              onClick={() =>
                act('resume', async () =>
                  changed(await call('POST', '/v1/billing/resume'), 'Your subscription will continue.'),
                )
              }
            >
              Keep my plan
            </Button>
          ) : (
            <Button
              look="danger"
              busy={busy === 'cancel'}
              onClick={() =>
                act('cancel', async () =>
                  changed(
                    await call('POST', '/v1/billing/cancel'),
                    'Your subscription will end after the period you’ve paid for.',
                  ),
                )
              }
            >
              Cancel at the end of the {sub.status === 'trialing' ? 'trial' : sub.interval}
            </Button>
          )}
        </div>
      )}
      {!billing.mayPay && <p class="muted">Only the account owner can change this.</p>}
    </section>
  );
}

function Use({ name, used, of, over }: { name: string; used: number; of: number; over?: string }) {
  const id = `use-${name.replaceAll(' ', '-')}`;
  return (
    <div>
      <p class="use-line">
        <span id={id}>{name}</span>{' '}
        <span class="use-figure">
          {number(used)} of {number(of)}
        </span>
      </p>
      <meter
        aria-labelledby={id}
        min={0}
        max={of}
        high={of}
        value={Math.min(used, of)}
        class={used > of ? 'use-over' : undefined}
      >
        {number(used)} of {number(of)}
      </meter>
      {used > of && (
        <p class="small">You’re over your plan’s limit. {over ?? 'Nothing is removed, but you can’t add more.'}</p>
      )}
    </div>
  );
}
