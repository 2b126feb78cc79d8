import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import { emailProblem } from '../../lib/check';
import PLANS from '../../lib/plans.json';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';

export function Register() {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null) return <CheckMail key="sent" email={sentTo} again={() => setSentTo(null)} />;
  return (
    <Page
      title="Create your account"
      width="narrow"
      lead={`Free for one site and ${PLANS[0]!.limits.callbacks} callbacks a month. No card needed.`}
    >
      <Form
        fields={{ name: 'Name', company: 'Company', email: 'E-mail' }}
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
            body: { email, name: text(values, 'name'), company: text(values, 'company') },
          });
          setSentTo(email);
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field label="Name" name="name" autocomplete="name" error={errors.name} />
            <Field label="Company" name="company" autocomplete="organization" error={errors.company} />
            <Field
              label="E-mail"
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
        Already with us? <a href="/login">Log in</a>
      </p>
      <p class="small muted">
        By creating an account you accept our <a href="/terms">terms</a> and the{' '}
        <a href="/terms#processing">data processing agreement</a>, both of 1 November 2026.
      </p>
      <p class="small muted">
        What we keep about you, and why, is in the <a href="/privacy">privacy policy</a>.
      </p>
    </Page>
  );
}

function CheckMail({ email, again }: { email: string; again: () => void }) {
  return (
    <Page
      title="Check your mail"
      width="narrow"
      lead={
        <>
          We sent a message to <strong>{email}</strong>. Follow the link in it to choose your password.
        </>
      }
    >
      <ul class="plain-list">
        <li>It can take a minute. Check your spam folder, too.</li>
        <li>
          Nothing came? <a href="/resend">Have it sent again</a>.
        </li>
        <li>If you already have an account with this address, the message says so instead.</li>
      </ul>
      <p class="after-form">
        <Button onClick={again}>Use another address</Button>
      </p>
    </Page>
  );
}
