import { call } from '../../lib/api';
import { emailProblem, passwordProblem } from '../../lib/check';
import { DialogForm } from '../../ui/dialog-form';
import { Field, PasswordField } from '../../ui/field';
import { text } from '../../ui/form';

/** The field for the password that somebody has now. */
export const OwnPassword = ({ error }: { error?: string }) => (
  <PasswordField label="Your password" name="password" autocomplete="current-password" error={error} />
);

interface Ask {
  title: string;
  text?: string;
  button: string;
  /** What it leads to takes nothing away. */
  safe?: boolean;
  /** Asks for a code of the second factor, too. */
  code?: boolean;
  close: () => void;
  send: (password: string, code: string) => Promise<void>;
}

/** Asks for the password again before something that a stolen session must not do. */
export function AskPassword({ title, text: said, button, safe, code = false, close, send }: Ask) {
  return (
    <DialogForm
      title={title}
      lead={said && <p>{said}</p>}
      fields={{ password: 'Password', ...(code && { code: 'Code' }) }}
      check={(values) => {
        const errors: Record<string, string> = {};
        if (!values.get('password')) errors.password = 'Enter your password.';
        if (code && !text(values, 'code')) errors.code = 'Enter a code.';
        return errors;
      }}
      send={(values) => send(String(values.get('password')), text(values, 'code'))}
      button={button}
      danger={!safe}
      close={close}
    >
      {(errors) => (
        <>
          <OwnPassword error={errors.password} />
          {code && (
            <Field
              label="Code"
              name="code"
              autocomplete="one-time-code"
              autocapitalize="off"
              spellcheck={false}
              hint="From your authenticator app, or a recovery code."
              error={errors.code}
            />
          )}
        </>
      )}
    </DialogForm>
  );
}

export function ChangePassword({ close, done }: { close: () => void; done: () => void }) {
  return (
    <DialogForm
      title="Change password"
      fields={{ current: 'Current password', password: 'New password' }}
      check={(values) => {
        const errors: Record<string, string> = {};
        if (!values.get('current')) errors.current = 'Enter your current password.';
        const problem = passwordProblem(String(values.get('password')));
        if (problem) errors.password = problem;
        return errors;
      }}
      send={async (values) => {
        await call('PUT', '/v1/password', {
          body: { current: String(values.get('current')), password: String(values.get('password')) },
        });
        done();
      }}
      button="Change password"
      close={close}
    >
      {(errors) => (
        <>
          <PasswordField
            label="Current password"
            name="current"
            autocomplete="current-password"
            error={errors.current}
          />
          <PasswordField
            label="New password"
            name="password"
            autocomplete="new-password"
            hint="At least 8 characters. Other devices are logged out."
            error={errors.password}
          />
        </>
      )}
    </DialogForm>
  );
}

export function ChangeEmail({ close, done }: { close: () => void; done: (to: string) => void }) {
  return (
    <DialogForm
      title="Change email"
      fields={{ email: 'New email', password: 'Password' }}
      check={(values) => {
        const errors: Record<string, string> = {};
        const email = emailProblem(text(values, 'email'));
        if (email) errors.email = email;
        if (!values.get('password')) errors.password = 'Enter your password.';
        return errors;
      }}
      send={async (values) => {
        const email = text(values, 'email');
        await call('POST', '/v1/email', { body: { email, password: String(values.get('password')) } });
        done(email);
      }}
      button="Change email"
      close={close}
    >
      {(errors) => (
        <>
          <Field
            label="New email"
            name="email"
            type="email"
            autocomplete="email"
            autocapitalize="off"
            spellcheck={false}
            hint="We’ll ask you to approve the change from your current address, then to confirm the new one."
            error={errors.email}
          />
          <OwnPassword error={errors.password} />
        </>
      )}
    </DialogForm>
  );
}
