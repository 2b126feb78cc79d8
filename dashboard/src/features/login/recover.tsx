import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { longDateTime } from '../../lib/format';
import { useLinkToken } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { PasswordField } from '../../ui/field';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';
import { AskMail } from './ask-mail';

/** Without a link it asks for one; with one it begins the wait, says how long it lasts, and ends it. */
export default function Recover() {
  const token = useLinkToken();
  const [wait, setWait] = useState<{ readyAt: string; ready: boolean } | null>(null);
  const [state, setState] = useState<'ask' | 'dead' | 'done'>('ask');
  if (!token) {
    return (
      <AskMail
        title="Lost your second factor?"
        lead={
          'We’ll email you a link that starts a 72-hour wait. We tell every admin of your accounts, ' +
          'and any device that is still logged in can cancel it.'
        }
        path="/v1/recovery"
        button="Email me a link"
      />
    );
  }
  const dead = (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'link-invalid') throw error;
    setState('dead');
  };
  if (state === 'dead') return <DeadLink again={{ href: '/recover', label: 'Send a new link' }} />;
  if (state === 'done') {
    return (
      <Page
        key="done"
        title="Two-factor authentication is off"
        width="narrow"
        lead="All devices have been logged out. Log in with your password and set up two-factor authentication again."
      >
        <ButtonLink href="/login" look="primary">
          Log in
        </ButtonLink>
      </Page>
    );
  }
  if (!wait) {
    return (
      <Page
        key="begin"
        title="Recover your login"
        width="narrow"
        lead="Continue to start the 72-hour wait, or to check one that has already started."
      >
        <Form
          fields={{}}
          send={() =>
            call('POST', '/v1/recovery/open', {
              open: true,
              body: { token },
            }).then(setWait, dead)
          }
        >
          {({ busy }) => (
            <Button look="primary" type="submit" busy={busy}>
              {' '}
              Continue{' '}
            </Button>
          )}
        </Form>
      </Page>
    );
  }
  if (!wait.ready) {
    return (
      <Page
        key="wait"
        title="Your 72-hour wait has started"
        width="narrow"
        lead={
          <>
            Open the same link again after <strong>{longDateTime(wait.readyAt)}</strong>. It works for a week from then.
          </>
        }
      >
        <p>You’ll need your password.</p>
      </Page>
    );
  }
  return (
    <Page key="finish" title="Turn off two-factor authentication" width="narrow" lead="The 72-hour wait is over.">
      <Form
        fields={{ password: 'Password' }}
        send={(values) =>
          call('POST', '/v1/recovery/finish', {
            open: true,
            body: { token, password: String(values.get('password')) },
          }).then(() => setState('done'), dead)
        }
      >
        {({ errors, busy }) => (
          <>
            <PasswordField label="Password" name="password" autocomplete="current-password" error={errors.password} />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                {' '}
                Turn off{' '}
              </Button>
            </div>
          </>
        )}
      </Form>
    </Page>
  );
}
