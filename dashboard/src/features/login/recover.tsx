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
        title="Lost every second factor?"
        lead="We mail you a link that begins a wait of 72 hours. Every admin of your accounts is told, and any device that is still logged in can stop it."
        path="/v1/recovery"
        button="Mail me a link"
      />
    );
  }
  const dead = (error: unknown) => {
    if (!(error instanceof ApiError) || error.code !== 'link-invalid') throw error;
    setState('dead');
  };
  if (state === 'dead') return <DeadLink again={{ href: '/recover', label: 'Have a fresh link sent' }} />;
  if (state === 'done') {
    return (
      <Page
        key="done"
        title="Your second factors are removed"
        width="narrow"
        lead="Every device was logged out. Log in with your password, and add a new second factor."
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
        title="Get back in"
        width="narrow"
        lead="The wait of 72 hours begins now, unless it has begun already."
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
              Go on
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
        title="The wait has begun"
        width="narrow"
        lead={
          <>
            Open the same link again on <strong>{longDateTime(wait.readyAt)}</strong> or within a week after.
          </>
        }
      >
        <p>Have your password ready then.</p>
      </Page>
    );
  }
  return (
    <Page key="finish" title="Remove your second factors" width="narrow" lead="The wait is over.">
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
                Remove them
              </Button>
            </div>
          </>
        )}
      </Form>
    </Page>
  );
}
