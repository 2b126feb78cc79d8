import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { useLoad } from '../../lib/load';
import { useLinkToken } from '../../lib/router';
import { Button, ButtonLink } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';

/** The current address approves a change of address, or ends it. */
export default function EmailChange() {
  const token = useLinkToken();
  const [state, setState] = useState<'ask' | 'dead' | 'approved' | 'cancelled'>(token ? 'ask' : 'dead');
  const { data, error, reload } = useLoad(`address ${token}`, (signal) =>
    call('POST', '/v1/email/open', { open: true, body: { token }, signal }),
  );
  const send = async (what: 'approve' | 'cancel') => {
    try {
      await call('POST', `/v1/email/${what}`, { open: true, body: { token } });
      setState(what === 'approve' ? 'approved' : 'cancelled');
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      if (failure.code === 'link-invalid') return setState('dead');
      if (what === 'approve') throw failure;
      toast({ text: failure.detail, bad: true });
    }
  };
  if (state === 'approved') {
    return (
      <Page
        key="approved"
        title="Approved"
        width="narrow"
        lead={
          <>
            Now follow the link we’ve emailed to <strong>{data?.to}</strong>. Until then, keep using your current
            address to log in.
          </>
        }
      >
        <p class="after-form">
          <Button onClick={() => send('cancel')}>Cancel change</Button>
        </p>
      </Page>
    );
  }
  if (state === 'cancelled') {
    return (
      <Page key="cancelled" title="Change cancelled" width="narrow" lead="Keep using your current address to log in.">
        <p>
          If you didn’t ask for this change, someone knows your password. Set a new one now; this also logs out your
          other devices.
        </p>
        <div class="buttons after-form">
          <ButtonLink href="/forgot" look="primary">
            Set a new password
          </ButtonLink>
        </div>
      </Page>
    );
  }
  if (state === 'dead' || error?.code === 'link-invalid')
    return <DeadLink again={{ href: '/app/security', label: 'See your security settings' }} />;
  if (!data)
    return (
      <Page title="Change your email address" width="narrow">
        {error ? <Failed error={error} retry={reload} /> : <Loading rows={1} />}
      </Page>
    );
  return (
    <Page
      key="ask"
      title="Change your email address?"
      width="narrow"
      lead={
        <>
          From <strong>{data.from}</strong> to <strong>{data.to}</strong>.
        </>
      }
    >
      <p>If you approve, we’ll email the new address a link to complete the change.</p>
      <Form fields={{}} send={() => send('approve')}>
        {({ busy }) => (
          <div class="buttons after-form">
            <Button look="primary" type="submit" busy={busy}>
              Approve change
            </Button>
            <Button look="danger" onClick={() => send('cancel')}>
              This wasn’t me: cancel it
            </Button>
          </div>
        )}
      </Form>
    </Page>
  );
}
