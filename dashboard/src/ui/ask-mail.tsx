import { useState } from 'preact/hooks';
import { call } from '../api';
import { emailProblem } from '../check';
import { Button } from './button';
import { Field, PasswordField } from './field';
import { Form, text } from './form';
import { Page } from './page';

interface Props {
  title: string;
  lead: string;
  path: string;
  button: string;
  /** Asks for the password too. */
  password?: boolean;
}

/** Asks for an address to mail a link to; the answer never says whether the address is known. */
export function AskMail({ title, lead, path, button, password }: Props) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null) {
    return (
      <Page key="sent" title="Check your mail" width="narrow" lead={<>If there is something to send to <strong>{sentTo}</strong>, it is on its way.</>}>
        <p>It can take a minute. Look among unwanted mail too.</p>
        <p class="after-form"><Button onClick={() => setSentTo(null)}>Use another address</Button></p>
      </Page>
    );
  }
  return (
    <Page key="ask" title={title} width="narrow" lead={lead}>
      <Form
        fields={{ email: 'E-mail', password: 'Password' }}
        check={(values) => {
          const errors: Record<string, string> = {};
          const email = emailProblem(text(values, 'email'));
          if (email) errors.email = email;
          if (password && !values.get('password')) errors.password = 'Enter your password.';
          return errors;
        }}
        send={async (values) => {
          const email = text(values, 'email');
          await call('POST', path, { open: true, body: password ? { email, password: String(values.get('password')) } : { email } });
          setSentTo(email);
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field label="E-mail" name="email" type="email" autocomplete="username" autocapitalize="off" spellcheck={false} error={errors.email} />
            {password && <PasswordField label="Password" name="password" autocomplete="current-password" error={errors.password} />}
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>{button}</Button>
            </div>
          </>
        )}
      </Form>
      <p class="muted after-form"><a href="/login">Back to the login</a></p>
    </Page>
  );
}

/** What every page of a mailed link says when the link is no good. */
export function DeadLink({ again }: { again?: { href: string; label: string } }) {
  return (
    <Page key="dead" title="This link does not work any more" width="narrow" lead="It was used before, it is too old, or a part of it was lost on the way.">
      <p class="after-form"><a href={again?.href ?? '/login'}>{again?.label ?? 'Back to the login'}</a></p>
    </Page>
  );
}
