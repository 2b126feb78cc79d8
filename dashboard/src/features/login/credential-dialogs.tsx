import { call } from '../../lib/api';
import { emailProblem, passwordProblem } from '../../lib/check';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field, PasswordField } from '../../ui/field';
import { Form, text } from '../../ui/form';

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
    <Dialog title={title} onClose={close}>
      {said && <p>{said}</p>}
      <Form
        fields={{ password: 'Password', ...(code && { code: 'Code' }) }}
        check={(values) => {
          const errors: Record<string, string> = {};
          if (!values.get('password')) errors.password = 'Enter your password.';
          if (code && !text(values, 'code')) errors.code = 'Enter a code.';
          return errors;
        }}
        send={(values) => send(String(values.get('password')), text(values, 'code'))}
      >
        {({ errors, busy }) => (
          <>
            <PasswordField
              label="Your password"
              name="password"
              autocomplete="current-password"
              error={errors.password}
            />
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
            <div class="form-end">
              <Button look={safe ? 'primary' : 'danger'} type="submit" busy={busy}>
                {button}
              </Button>
              <Button look="bare" onClick={close}>
                Cancel
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

export function ChangePassword({ close, done }: { close: () => void; done: () => void }) {
  return (
    <Dialog title="Change password" onClose={close}>
      <Form
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
      >
        {({ errors, busy }) => (
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
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Change password
              </Button>
              <Button look="bare" onClick={close}>
                Cancel
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}

export function ChangeEmail({ close, done }: { close: () => void; done: (to: string) => void }) {
  return (
    <Dialog title="Change email" onClose={close}>
      <Form
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
      >
        {({ errors, busy }) => (
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
            <PasswordField
              label="Your password"
              name="password"
              autocomplete="current-password"
              error={errors.password}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Change email
              </Button>
              <Button look="bare" onClick={close}>
                Cancel
              </Button>
            </div>
          </>
        )}
      </Form>
    </Dialog>
  );
}
