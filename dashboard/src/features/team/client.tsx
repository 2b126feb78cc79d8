import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { useLoad } from '../../lib/load';
import { useMe } from '../../lib/me';
import { navigate, useLinkToken } from '../../lib/router';
import { useSignedIn } from '../../lib/session';
import { Button, ButtonLink } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { Form } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';

/** An agency asks the owner of an account to let it work there. */
export default function ClientPage() {
  const token = useLinkToken();
  const signedIn = useSignedIn();
  const me = useMe();
  const [dead, setDead] = useState(!token);
  const { data, error, reload } = useLoad('client', (signal) =>
    call('POST', '/v1/clients/invitations/open', { open: true, body: { token }, signal }),
  );
  if (dead || error?.code === 'link-invalid') return <DeadLink />;
  if (!data)
    return (
      <Page title="Agency invitation" width="narrow">
        {error ? <Failed error={error} retry={reload} /> : <Loading rows={1} />}
      </Page>
    );
  return (
    <Page
      title="Agency invitation"
      width="narrow"
      lead={
        <>
          {data.by} from <strong>{data.agency}</strong> would like to manage your account: its sites, requests and
          members, but nothing only an owner can do.
        </>
      }
    >
      <p>
        {data.payer === 'agency' ? 'The agency will pay for the account.' : 'You keep paying for the account.'} You can
        remove the agency at any time under Clients.
      </p>
      {!signedIn ? (
        <>
          <p class="after-form">
            Log in with <strong>{data.email}</strong>, then open the link in the email again.
          </p>
          <div class="form-end">
            <ButtonLink href="/login" look="primary">
              Log in
            </ButtonLink>
          </div>
        </>
      ) : (
        <Form
          fields={{}}
          send={async () => {
            try {
              await call('POST', '/v1/clients/invitations/accept', { body: { token } });
              navigate('/app/clients', { replace: true });
              toast({ text: `${data.agency} can now manage your account.` });
            } catch (failure) {
              if (!(failure instanceof ApiError) || failure.code !== 'link-invalid') throw failure;
              setDead(true);
            }
          }}
        >
          {({ busy }) => (
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Let them manage {me?.account?.name ?? 'my account'}
              </Button>
              <ButtonLink href="/app" look="bare">
                Not now
              </ButtonLink>
            </div>
          )}
        </Form>
      )}
    </Page>
  );
}
