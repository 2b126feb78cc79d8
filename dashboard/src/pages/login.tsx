import { useEffect } from 'preact/hooks';
import { call } from '../api';
import { emailProblem } from '../check';
import { navigate, safeNext, usePlace } from '../router';
import { signIn, useSignedIn, whyOut } from '../session';
import type { Signed } from '../types';
import { Button } from '../ui/button';
import { Field, PasswordField } from '../ui/field';
import { Form, text } from '../ui/form';
import { Page } from '../ui/page';

export function Login() {
  const { query } = usePlace();
  const signedIn = useSignedIn();
  const next = safeNext(query.get('next'), location.origin);
  useEffect(() => {
    if (signedIn) navigate(next, { replace: true });
  }, [signedIn]);

  const why = whyOut();
  const lead =
    why === 'left' ? 'You are logged out.'
    : why === 'expired' ? 'Your login has ended. Log in again to go on.'
    : why === 'gone' ? 'You were logged out on this device.'
    : query.has('next') ? 'Log in to see that page.'
    : undefined;

  return (
    <Page title="Log in" width="narrow" lead={lead}>
      <Form
        fields={{ email: 'E-mail', password: 'Password' }}
        check={(values) => {
          const errors: Record<string, string> = {};
          const email = emailProblem(text(values, 'email'));
          if (email) errors.email = email;
          if (!values.get('password')) errors.password = 'Enter your password.';
          return errors;
        }}
        send={async (values) => {
          const answer = await call<Signed>('POST', '/v1/login', {
            open: true,
            body: { email: text(values, 'email'), password: String(values.get('password')) },
          });
          signIn(answer.token);
        }}
      >
        {({ errors, busy }) => (
          <>
            <Field label="E-mail" name="email" type="email" autocomplete="username" autocapitalize="off" spellcheck={false} error={errors.email} />
            <PasswordField label="Password" name="password" autocomplete="current-password" error={errors.password} />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>Log in</Button>
            </div>
          </>
        )}
      </Form>
      <p class="muted after-form">New here? <a href="/register">Start free</a></p>
    </Page>
  );
}
