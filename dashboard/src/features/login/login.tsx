import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import { emailProblem } from '../../lib/check';
import { navigate, safeNext, usePlace } from '../../lib/router';
import { signIn, useSignedIn, whyOut } from '../../lib/session';
import { Button } from '../../ui/button';
import { Field, PasswordField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { PasskeyButton, SecondStep } from './second-step';

export default function Login() {
  const { query } = usePlace();
  const signedIn = useSignedIn();
  const next = safeNext(query.get('next'), location.origin);
  // Kept in memory while the second factor is asked for.
  const [first, setFirst] = useState<{ email: string; password: string } | null>(null);
  const [throttled, setThrottled] = useState<string | null>(null);
  useEffect(() => {
    if (signedIn) navigate(next, { replace: true });
  }, [signedIn]);

  const why = whyOut();
  const lead =
    why === 'left'
      ? 'You’ve been logged out.'
      : why === 'expired'
        ? 'Your session has expired. Log in again to continue.'
        : why === 'gone'
          ? 'You were logged out on this device.'
          : query.has('next')
            ? 'Log in to see that page.'
            : undefined;

  const send = async (body: { email: string; password: string; code?: string }) => {
    try {
      signIn((await call('POST', '/v1/login', { open: true, body })).token);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.code === 'code-needed') return setFirst(body);
      if (error.status === 429) setThrottled(body.email);
      if (error.code === 'code-refused' || error.code === 'factor-lost')
        throw new ApiError(error.status, error.code, error.detail, { code: error.detail }, error.requestId);
      throw error;
    }
  };

  if (first) return <SecondStep key="second" send={(code) => send({ ...first, code })} back={() => setFirst(null)} />;
  return (
    <Page title="Log in" width="narrow" lead={lead}>
      <Form
        fields={{ email: 'Email', password: 'Password' }}
        check={(values) => {
          const errors: Record<string, string> = {};
          const email = emailProblem(text(values, 'email'));
          if (email) errors.email = email;
          if (!values.get('password')) errors.password = 'Enter your password.';
          return errors;
        }}
        send={(values) => send({ email: text(values, 'email'), password: String(values.get('password')) })}
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
            <PasswordField label="Password" name="password" autocomplete="current-password" error={errors.password} />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Log in
              </Button>
            </div>
          </>
        )}
      </Form>
      {throttled && <MailLink email={throttled} />}
      <PasskeyButton />
      <p class="muted after-form">
        <a href="/forgot">Forgot your password?</a>
      </p>
      <p class="muted">
        New here? <a href="/register">Start free</a>
      </p>
    </Page>
  );
}

/** For whoever others keep out by guessing: the mail box proves who it is. */
function MailLink({ email }: { email: string }) {
  const [said, say] = useState('');
  const [busy, setBusy] = useState(false);
  const mail = async () => {
    setBusy(true);
    try {
      await call('POST', '/v1/login/link', { open: true, body: { email } });
      say('If this address has a login, we’ve sent it a link.');
    } catch (error) {
      say(detailOf(error));
    }
    setBusy(false);
  };
  return (
    <div class="note after-form">
      <p>Too many failed attempts on this account. If it’s you, we can email you a login link.</p>
      <Button busy={busy} onClick={mail}>
        Email me a link
      </Button>
      <p role="status">{said}</p>
    </div>
  );
}
