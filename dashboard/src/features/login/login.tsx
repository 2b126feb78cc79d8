import { useEffect, useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import { emailProblem } from '../../lib/check';
import { navigate, safeNext, usePlace } from '../../lib/router';
import { signIn, useSignedIn, whyOut } from '../../lib/session';
import { Button } from '../../ui/button';
import { Field, PasswordField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { askPasskey, canPasskey, type RequestOptions } from './webauthn';

export function Login() {
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

function PasskeyButton() {
  const [said, say] = useState('');
  const [busy, setBusy] = useState(false);
  if (!canPasskey()) return null;
  const go = async () => {
    setBusy(true);
    say('');
    try {
      const { ceremony, options } = await call('POST', '/v1/login/passkey/options', { open: true });
      const credential = await askPasskey(options as unknown as RequestOptions);
      signIn((await call('POST', '/v1/login/passkey', { open: true, body: { ceremony, credential } })).token);
    } catch (error) {
      say(error instanceof ApiError ? error.detail : 'No passkey was used. Try again, or log in with your password.');
    }
    setBusy(false);
  };
  return (
    <div class="after-form">
      <Button busy={busy} onClick={go}>
        Use a passkey
      </Button>
      <p role="status">{said}</p>
    </div>
  );
}

/** Asks for the code of an authenticator, or a recovery code. */
export function SecondStep({ send, back }: { send: (code: string) => Promise<void>; back?: () => void }) {
  return (
    <Page
      title="Two-factor authentication"
      width="narrow"
      lead="Enter the code from your authenticator app, or one of your recovery codes."
    >
      <Form
        fields={{ code: 'Code' }}
        check={(values): Record<string, string> => (text(values, 'code') ? {} : { code: 'Enter the code.' })}
        send={(values) => send(text(values, 'code'))}
      >
        {({ errors, busy }) => (
          <>
            <Field
              label="Code"
              name="code"
              autocomplete="one-time-code"
              autocapitalize="off"
              spellcheck={false}
              error={errors.code}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Log in
              </Button>
              {back && (
                <Button look="bare" onClick={back}>
                  Back
                </Button>
              )}
            </div>
          </>
        )}
      </Form>
      <PasskeyButton />
      <p class="muted after-form">
        Lost access to all of them? <a href="/recover">Recover your login</a>
      </p>
    </Page>
  );
}
