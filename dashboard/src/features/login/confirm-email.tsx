import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { useLinkToken } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';

export default function ConfirmEmail() {
  const token = useLinkToken();
  const [state, setState] = useState<'ask' | 'dead' | 'done'>(token ? 'ask' : 'dead');
  if (state === 'dead') return <DeadLink again={{ href: '/app/security', label: 'See your security settings' }} />;
  if (state === 'done') {
    return (
      <Page key="done" title="Email changed" width="narrow" lead="Use your new address from now on to log in.">
        <ButtonLink href="/app/security" look="primary">
          Security
        </ButtonLink>
      </Page>
    );
  }
  return (
    <Page
      key="ask"
      title="Confirm your new email"
      width="narrow"
      lead="You’ll use it to log in. We’ll let your old address know."
    >
      <Form
        fields={{}}
        send={async () => {
          try {
            await call('POST', '/v1/email/confirm', { open: true, body: { token } });
            setState('done');
          } catch (error) {
            if (!(error instanceof ApiError) || error.code !== 'link-invalid') throw error;
            setState('dead');
          }
        }}
      >
        {({ busy }) => (
          <Button look="primary" type="submit" busy={busy}>
            Confirm email
          </Button>
        )}
      </Form>
    </Page>
  );
}
