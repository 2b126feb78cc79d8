import { useState } from 'preact/hooks';
import { ApiError, call } from '../api';
import { passwordProblem } from '../check';
import { useLinkToken } from '../router';
import { signOut } from '../session';
import { DeadLink } from '../ui/ask-mail';
import { Button, ButtonLink } from '../ui/button';
import { PasswordField } from '../ui/field';
import { Form } from '../ui/form';
import { Page } from '../ui/page';

export default function Reset() {
  const token = useLinkToken();
  const [state, setState] = useState<'ask' | 'dead' | 'done'>(token ? 'ask' : 'dead');
  if (state === 'dead') return <DeadLink again={{ href: '/forgot', label: 'Have a fresh link sent' }} />;
  if (state === 'done') {
    return (
      <Page key="done" title="Your new password is set" width="narrow" lead="Every device was logged out. A second factor stays as it was.">
        <ButtonLink href="/login" look="primary">Log in</ButtonLink>
      </Page>
    );
  }
  return (
    <Page key="ask" title="Set a new password" width="narrow">
      <Form
        fields={{ password: 'New password' }}
        check={(values): Record<string, string> => {
          const problem = passwordProblem(String(values.get('password')));
          return problem ? { password: problem } : {};
        }}
        send={async (values) => {
          try {
            await call('POST', '/v1/password/reset', { open: true, body: { token, password: String(values.get('password')) } });
            signOut('left');
            setState('done');
          } catch (error) {
            if (!(error instanceof ApiError) || error.code !== 'link-invalid') throw error;
            setState('dead');
          }
        }}
      >
        {({ errors, busy }) => (
          <>
            <PasswordField label="New password" name="password" autocomplete="new-password" hint="At least 8 characters." error={errors.password} />
            <div class="form-end"><Button look="primary" type="submit" busy={busy}>Set password</Button></div>
          </>
        )}
      </Form>
    </Page>
  );
}
