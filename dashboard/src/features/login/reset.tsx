import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { passwordProblem } from '../../lib/check';
import { useLinkToken } from '../../lib/router';
import { signOut } from '../../lib/session';
import { Button, ButtonLink } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { Field, PasswordField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';

export default function Reset() {
  const token = useLinkToken();
  const [state, setState] = useState<'ask' | 'dead' | 'done'>(token ? 'ask' : 'dead');
  if (state === 'dead') return <DeadLink again={{ href: '/forgot', label: 'Send a new link' }} />;
  if (state === 'done') {
    return (
      <Page
        key="done"
        title="Password changed"
        width="narrow"
        lead="Log in with your new password. Links we emailed you earlier no longer work."
      >
        <ButtonLink href="/login" look="primary">
          Log in
        </ButtonLink>
      </Page>
    );
  }
  return (
    <Page key="ask" title="Set a new password" width="narrow">
      <Form
        fields={{ password: 'New password', code: 'Code' }}
        check={(values): Record<string, string> => {
          const problem = passwordProblem(String(values.get('password')));
          return problem ? { password: problem } : {};
        }}
        send={async (values) => {
          try {
            await call('POST', '/v1/password/reset', {
              open: true,
              body: {
                token,
                password: String(values.get('password')),
                ...(text(values, 'code') && { code: text(values, 'code') }),
              },
            });
            signOut('left');
            setState('done');
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            if (error.code === 'code-refused' || error.code === 'factor-lost')
              throw new ApiError(error.status, error.code, error.detail, { code: error.detail }, error.requestId);
            if (error.code !== 'link-invalid') throw error;
            setState('dead');
          }
        }}
      >
        {({ errors, busy }) => (
          <>
            <PasswordField
              label="New password"
              name="password"
              autocomplete="new-password"
              hint="At least 8 characters."
              error={errors.password}
            />
            <Field
              label="Two-factor code"
              name="code"
              autocomplete="one-time-code"
              autocapitalize="off"
              spellcheck={false}
              optional
              hint={
                'If you use two-factor authentication, enter a code to log out your other devices as well. ' +
                'Without one they stay logged in.'
              }
              error={errors.code}
            />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Set password
              </Button>
            </div>
          </>
        )}
      </Form>
    </Page>
  );
}
