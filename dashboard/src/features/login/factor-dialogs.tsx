import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { save } from '../../lib/save';
import { Button } from '../../ui/button';
import { Copy } from '../../ui/copy';
import { Dialog } from '../../ui/dialog';
import { DialogForm } from '../../ui/dialog-form';
import { Field } from '../../ui/field';
import { text } from '../../ui/form';
import { AskPassword, OwnPassword } from './credential-dialogs';
import { Qr } from './qr';
import { type CreationOptions, makePasskey } from './webauthn';
import './login.css';

interface Props {
  close: () => void;
  /** Gets recovery codes when there were none before. */
  done: (codes: string[] | null) => void;
}

export function AddAuthenticator({ close, done }: Props) {
  const [setup, setSetup] = useState<{ secret: string; uri: string } | null>(null);
  if (!setup) {
    return (
      <AskPassword
        key="ask"
        title="Add an authenticator app"
        button="Continue"
        safe
        close={close}
        send={async (password) => {
          setSetup(await call('POST', '/v1/factors/totp', { body: { password } }));
        }}
      />
    );
  }
  return (
    <DialogForm
      key="scan"
      title="Scan this code with your app"
      lead={
        <>
          <Qr value={setup.uri} label="QR code for the key below" />
          <p class="small">
            Or enter this key: <code id="totp-secret">{setup.secret}</code>
          </p>
        </>
      }
      fields={{ code: 'Code' }}
      check={(values): Record<string, string> =>
        /^\d{6}$/.test(text(values, 'code').replaceAll(' ', ''))
          ? {}
          : { code: 'Enter the six-digit code from the app.' }
      }
      send={async (values) =>
        done(
          (
            await call('POST', '/v1/factors/totp/confirm', {
              body: { code: text(values, 'code') },
            })
          ).recoveryCodes,
        )
      }
      button="Add"
      close={close}
    >
      {(errors) => (
        <Field
          label="Code from the app"
          name="code"
          inputMode="numeric"
          autocomplete="one-time-code"
          error={errors.code}
        />
      )}
    </DialogForm>
  );
}

export function AddPasskey({ close, done }: Props) {
  return (
    <DialogForm
      title="Add a passkey"
      lead={<p>Stored on your device and unlocked with your PIN, fingerprint or face. Replaces your password.</p>}
      fields={{ name: 'Name', password: 'Password' }}
      check={(values) => {
        const errors: Record<string, string> = {};
        if (!text(values, 'name')) errors.name = 'Enter a name, such as the name of your device.';
        if (!values.get('password')) errors.password = 'Enter your password.';
        return errors;
      }}
      send={async (values) => {
        const begun = await call('POST', '/v1/passkeys/options', {
          body: { password: String(values.get('password')) },
        });
        let credential: Record<string, unknown>;
        try {
          credential = await makePasskey(begun.options as unknown as CreationOptions);
        } catch {
          throw new ApiError(0, 'passkey', 'No passkey was created. Please try again.');
        }
        done(
          (
            await call('POST', '/v1/passkeys', {
              body: { ceremony: begun.ceremony, name: text(values, 'name'), credential },
            })
          ).recoveryCodes,
        );
      }}
      button="Add passkey"
      close={close}
    >
      {(errors) => (
        <>
          <Field label="Name" name="name" autocomplete="off" defaultValue="This device" error={errors.name} />
          <OwnPassword error={errors.password} />
        </>
      )}
    </DialogForm>
  );
}

/** Shown once: only hashes of them are kept. */
export function Codes({ codes, close }: { codes: string[]; close: () => void }) {
  return (
    <Dialog title="Your recovery codes" onClose={close}>
      <p>Use each code once if you lose your second factor. Store them somewhere safe: we won’t show them again.</p>
      <pre id="recovery-codes">{codes.join('\n')}</pre>
      <div class="form-end">
        <Copy value={codes.join('\n')} from="recovery-codes" />
        <Button onClick={() => save('mi-connect-recovery-codes.txt', 'text/plain', codes.join('\n') + '\n')}>
          Download
        </Button>
        <Button look="primary" onClick={close}>
          Done
        </Button>
      </div>
    </Dialog>
  );
}
