import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { useLinkToken } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';

/** The link in the mail that acknowledges a complaint. Opening it does nothing: mail programs open links too. */
export default function Complaint() {
  const token = useLinkToken();
  const [state, setState] = useState<'ask' | 'dead' | 'done'>(token ? 'ask' : 'dead');
  if (state === 'dead') {
    return (
      <Page
        key="dead"
        title="This link no longer works"
        width="narrow"
        lead={
          'It may be incomplete, or the complaint may have been deleted. ' +
          'Your complaint counts without it; you can also send it again.'
        }
      >
        <ButtonLink href="/privacy" look="primary">
          Privacy
        </ButtonLink>
      </Page>
    );
  }
  if (state === 'done') {
    return (
      <Page
        key="done"
        title="Your complaint is confirmed"
        width="narrow"
        lead="We’ll look into it promptly, keep you updated and tell you the outcome."
      >
        <ButtonLink href="/privacy">Privacy</ButtonLink>
      </Page>
    );
  }
  return (
    <Page
      key="ask"
      title="Confirm your complaint"
      width="narrow"
      lead="If you sent it, confirm it and we’ll look into it promptly. If you didn’t, close this page."
    >
      <Form
        fields={{}}
        send={async () => {
          try {
            await call('POST', '/v1/complaints/confirm', { open: true, body: { token } });
            setState('done');
          } catch (error) {
            if (!(error instanceof ApiError) || error.code !== 'link-invalid') throw error;
            setState('dead');
          }
        }}
      >
        {({ busy }) => (
          <Button look="primary" type="submit" busy={busy}>
            Confirm complaint
          </Button>
        )}
      </Form>
    </Page>
  );
}
