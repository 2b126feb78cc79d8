import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { passwordProblem } from '../../lib/check';
import { longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { chooseAccount, useMe } from '../../lib/me';
import { navigate, useLinkToken } from '../../lib/router';
import { signIn, signOut, useSignedIn } from '../../lib/session';
import { Button, ButtonLink } from '../../ui/button';
import { DeadLink } from '../../ui/dead-link';
import { Field, PasswordField } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { StayOrSwitch } from '../../ui/stay-or-switch';
import { toast } from '../../ui/toast';

/** A new person joins with a name and a password; one with a login accepts while logged in with that address. */
export default function InvitationPage() {
  const token = useLinkToken();
  const me = useMe();
  const signedIn = useSignedIn();
  const [dead, setDead] = useState(!token);
  const { data, error, reload } = useLoad('invitation', (signal) =>
    call('POST', '/v1/invitations/open', { open: true, body: { token }, signal }),
  );
  if (dead || error?.code === 'link-invalid') return <DeadLink />;
  if (!data)
    return (
      <Page title="Your invitation" width="narrow">
        {error ? <Failed error={error} retry={reload} /> : <Loading rows={1} />}
      </Page>
    );
  const lead = (
    <>
      {data.by} has invited <strong>{data.email}</strong> to join <strong>{data.account}</strong> as {data.role}. The
      invitation expires on {longDateTime(data.expiresAt)}.
    </>
  );
  const gone = (failure: unknown) => {
    if (!(failure instanceof ApiError) || failure.code !== 'link-invalid') throw failure;
    setDead(true);
  };

  if (!data.known) {
    return (
      <StayOrSwitch email={data.email}>
        <Page key="join" title="Your invitation" width="narrow" lead={lead}>
          <Form
            fields={{ name: 'Name', password: 'Password' }}
            check={(values) => {
              const errors: Record<string, string> = {};
              if (!text(values, 'name')) errors.name = 'Enter your name.';
              const password = passwordProblem(String(values.get('password')));
              if (password) errors.password = password;
              return errors;
            }}
            send={async (values) => {
              try {
                const answer = await call('POST', '/v1/invitations/join', {
                  open: true,
                  body: { token, name: text(values, 'name'), password: String(values.get('password')) },
                });
                signIn(answer.token);
                navigate('/app', { replace: true });
              } catch (failure) {
                gone(failure);
              }
            }}
          >
            {({ errors, busy }) => (
              <>
                <Field label="Name" name="name" autocomplete="name" error={errors.name} />
                <PasswordField
                  label="Password"
                  name="password"
                  autocomplete="new-password"
                  hint="At least 8 characters."
                  error={errors.password}
                />
                <div class="form-end">
                  <Button look="primary" type="submit" busy={busy}>
                    Accept
                  </Button>
                </div>
              </>
            )}
          </Form>
          <p class="small muted after-form">
            By accepting, you agree to our <a href="/terms">terms</a> and the{' '}
            <a href="/terms#processing">data processing agreement</a>, both of 1 November 2026.
          </p>
        </Page>
      </StayOrSwitch>
    );
  }
  if (!signedIn || (me && me.user.email !== data.email)) {
    return (
      <Page key="login" title="Your invitation" width="narrow" lead={lead}>
        <p>This email address already has a login. Log in with it, then open the link in the email again.</p>
        <div class="form-end">
          {signedIn ? (
            <Button
              look="primary"
              onClick={() => {
                signOut('left');
                navigate('/login');
              }}
            >
              Log out and switch
            </Button>
          ) : (
            <ButtonLink href="/login" look="primary">
              Log in
            </ButtonLink>
          )}
        </div>
      </Page>
    );
  }
  return (
    <Page key="accept" title="Your invitation" width="narrow" lead={lead}>
      <Form
        fields={{}}
        send={async () => {
          try {
            const { account } = await call('POST', '/v1/invitations/accept', { body: { token } });
            chooseAccount(account);
            navigate('/app', { replace: true });
            toast({ text: `You’ve joined ${data.account}.` });
          } catch (failure) {
            gone(failure);
          }
        }}
      >
        {({ busy }) => (
          <Button look="primary" type="submit" busy={busy}>
            Accept
          </Button>
        )}
      </Form>
    </Page>
  );
}
