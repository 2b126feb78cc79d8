import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import { emailProblem } from '../../lib/check';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';

interface Props {
  title: string;
  lead: string;
  path: '/v1/password/forgot' | '/v1/recovery' | '/v1/register/resend';
  button: string;
}

/** Asks for an address to mail a link to; the answer never says whether the address is known. */
export function AskMail({ title, lead, path, button }: Props) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null) {
    return (
      <Page
        key="sent"
        title="Check your email"
        width="narrow"
        lead={
          <>
            If we have an account or a sign-up for <strong>{sentTo}</strong>, we’ve sent an email.
          </>
        }
      >
        <p>It can take a minute to arrive. Check your spam folder, too.</p>
        <p class="after-form">
          <Button onClick={() => setSentTo(null)}>Use another address</Button>
        </p>
      </Page>
    );
  }
  return (
    <Page key="ask" title={title} width="narrow" lead={lead}>
      <Form
        fields={{ email: 'Email' }}
        check={(values): Record<string, string> => {
          const problem = emailProblem(text(values, 'email'));
          return problem ? { email: problem } : {};
        }}
        send={async (values) => {
          const email = text(values, 'email');
          await call('POST', path, { open: true, body: { email } });
          setSentTo(email);
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field
              label="Email"
              name="email"
              type="email"
              autocomplete="username"
              autocapitalize="off"
              spellcheck={false}
              error={errors.email}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                {button}
              </Button>
            </div>
          </>
        )}
      </Form>
      <p class="muted after-form">
        <a href="/login">Back to login</a>
      </p>
    </Page>
  );
}
