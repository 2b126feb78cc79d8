import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { PaidPlanId, SignUp } from '../../lib/api.gen';
import { emailProblem } from '../../lib/check';
import PLANS from '../../lib/plans.json';
import { place } from '../../lib/router';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';

export default function Register() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null) return <CheckMail key="sent" email={sentTo} again={() => setSentTo(null)} />;
  return (
    <Page
      title="Create your account"
      width="narrow"
      lead={`Free for one site and ${PLANS[0]!.limits.callbacks} callbacks a month. No card needed.`}
    >
      <Form
        fields={{ name: 'Name', company: 'Company', email: 'Email' }}
        check={(values) => {
          const errors: Record<string, string> = {};
          if (!text(values, 'name')) errors.name = 'Enter your name.';
          if (!text(values, 'company')) errors.company = 'Enter your company’s name.';
          const email = emailProblem(text(values, 'email'));
          if (email) errors.email = email;
          return errors;
        }}
        send={async (values) => {
          const email = text(values, 'email');
          await call('POST', '/v1/register', {
            open: true,
            body: { email, name: text(values, 'name'), company: text(values, 'company'), ...wish() },
          });
          setSentTo(email);
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field label="Name" name="name" autocomplete="name" error={errors.name} />
            <Field label="Company" name="company" autocomplete="organization" error={errors.company} />
            <Field
              label="Email"
              name="email"
              type="email"
              autocomplete="email"
              autocapitalize="off"
              spellcheck={false}
              error={errors.email}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Create account
              </Button>
            </div>
          </>
        )}
      </Form>
      <p class="muted after-form">
        Already have an account? <a href="/login">Log in</a>
      </p>
      <p class="small muted">
        By creating an account, you agree to our <a href="/terms">terms</a> and the{' '}
        <a href="/terms#processing">data processing agreement</a>, both of 1 November 2026.
      </p>
      <p class="small muted">
        Our <a href="/privacy">privacy policy</a> says what we keep about you and why.
      </p>
    </Page>
  );
}

/** The plan that was chosen on the price list, for the account to begin with. */
function wish(): Pick<SignUp, 'plan' | 'interval'> {
  const { query } = place();
  const plan = PLANS.find((one) => one.id === query.get('plan') && one.month > 0);
  return plan ? { plan: plan.id as PaidPlanId, interval: query.get('interval') === 'year' ? 'year' : 'month' } : {};
}

function CheckMail({ email, again }: { email: string; again: () => void }) {
  return (
    <Page
      title="Check your email"
      width="narrow"
      lead={
        <>
          We’ve emailed <strong>{email}</strong>. Follow the link to choose your password.
        </>
      }
    >
      <ul class="plain-list">
        <li>It can take a minute to arrive. Check your spam folder, too.</li>
        <li>
          Didn’t get it? <a href="/resend">Send it again</a>.
        </li>
        <li>If you already have an account with this address, the email says so.</li>
      </ul>
      <p class="after-form">
        <Button onClick={again}>Use another address</Button>
      </p>
    </Page>
  );
}
