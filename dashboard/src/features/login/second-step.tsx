import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { signIn } from '../../lib/session';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { askPasskey, canPasskey, type RequestOptions } from './webauthn';

/** Logging in with what the device keeps; nothing where it cannot. */
export function PasskeyButton() {
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
