import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import { ago, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { refreshMe, useMe } from '../../lib/me';
import { Button, ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { AccountSection } from './account-section';
import { AskPassword, ChangeEmail, ChangePassword } from './credential-dialogs';
import { AddAuthenticator, AddPasskey, Codes } from './factor-dialogs';
import { InNoAccount, LoginSection } from './login-section';
import { canPasskey } from './webauthn';

type Open =
  | { what: 'password' | 'email' | 'totp' | 'passkey' | 'remove-totp' | 'codes' }
  | { what: 'remove-passkey'; id: string; name: string };

/** How this person logs in, and what of the account only its owner decides. */
export default function Security() {
  const me = useMe();
  const { data, error, reload } = useLoad('factors', (signal) => call('GET', '/v1/factors', { signal }));
  const address = useLoad('address', (signal) => call('GET', '/v1/email', { signal }));
  const [open, setOpen] = useState<Open | null>(null);
  const [codes, setCodes] = useState<string[] | null>(null);
  const close = () => setOpen(null);
  const changed = (said: string, fresh?: string[] | null) => {
    close();
    if (fresh) setCodes(fresh);
    toast({ text: said });
    reload();
    address.reload();
    refreshMe();
  };
  const keepAddress = async () => {
    try {
      await call('DELETE', '/v1/email');
      toast({ text: 'The change of address is cancelled.' });
    } catch (failure) {
      toast({ text: failure instanceof ApiError ? failure.detail : 'That did not work. Please try again.', bad: true });
    }
    address.reload();
  };
  const cancel = async () => {
    try {
      await call('DELETE', '/v1/recovery');
      toast({ text: 'The recovery is stopped. Change your password if you did not begin it.' });
    } catch (failure) {
      toast({ text: failure instanceof ApiError ? failure.detail : 'That did not work. Please try again.', bad: true });
    }
    reload();
  };

  return (
    <Page
      title="Security"
      lead={
        me && (
          <>
            You log in as <strong>{me.user.email}</strong>.
          </>
        )
      }
    >
      {me?.lacksSecondFactor && (
        <p class="note">{me.account?.name} asks every member for a second factor. Add one to go on.</p>
      )}
      {me && !me.account && <InNoAccount me={me} />}
      {data?.recoveryAt && (
        <div class="note" role="alert">
          <p>
            Somebody who reads your mail has begun to remove all your second factors. It can be finished on{' '}
            {longDateTime(data.recoveryAt)}.
          </p>
          <Button look="danger" onClick={cancel}>
            Stop it
          </Button>
        </div>
      )}
      <div class="settings">
        <section aria-labelledby="security-password">
          <h2 id="security-password">Password and address</h2>
          {address.data?.pending && (
            <div class="note">
              <p>
                You asked to log in as <strong>{address.data.pending.email}</strong>.{' '}
                {address.data.pending.approved
                  ? 'Follow the link in the email to that address to complete the change.'
                  : 'Approve it by the link in the email to your current address.'}{' '}
                It ends on {longDateTime(address.data.pending.expiresAt)}.
              </p>
              <Button onClick={keepAddress}>Cancel the change</Button>
            </div>
          )}
          <div class="buttons">
            <Button onClick={() => setOpen({ what: 'password' })}>Change password</Button>
            <Button onClick={() => setOpen({ what: 'email' })}>Change e-mail</Button>
            <ButtonLink href="/app/devices">Devices</ButtonLink>
          </div>
        </section>
        <section aria-labelledby="security-factors">
          <h2 id="security-factors">Second step</h2>
          {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your second factors" />)}
          {data && (
            <>
              {!data.totp && data.passkeys.length === 0 && (
                <p>Your password alone logs in. A passkey or an authenticator app makes a stolen password useless.</p>
              )}
              <ul class="rows">
                {data.passkeys.map((key) => (
                  <li class="row" key={key.id}>
                    <div>
                      <p class="row-name">
                        {key.name} <span class="tag">Passkey</span>
                      </p>
                      <p class="small muted">
                        Added {ago(key.createdAt)},{' '}
                        {key.lastUsedAt ? <>last used {ago(key.lastUsedAt)}</> : 'not used yet'}
                      </p>
                    </div>
                    <Button
                      small
                      aria-label={`Remove ${key.name}`}
                      onClick={() => setOpen({ what: 'remove-passkey', id: key.id, name: key.name })}
                    >
                      Remove
                    </Button>
                  </li>
                ))}
                {data.totp && (
                  <li class="row">
                    <p class="row-name">
                      Authenticator app {data.totpLost && <span class="tag tag-missed">Set it up again</span>}
                    </p>
                    <Button
                      small
                      aria-label="Remove the authenticator app"
                      onClick={() => setOpen({ what: 'remove-totp' })}
                    >
                      Remove
                    </Button>
                  </li>
                )}
                {(data.totp || data.passkeys.length > 0) && (
                  <li class="row">
                    <p class="row-name">
                      Recovery codes <span class="tag">{data.recoveryCodes} left</span>
                    </p>
                    <Button small onClick={() => setOpen({ what: 'codes' })}>
                      Make new ones
                    </Button>
                  </li>
                )}
              </ul>
              <div class="buttons">
                {canPasskey() && (
                  <Button look="primary" onClick={() => setOpen({ what: 'passkey' })}>
                    Add a passkey
                  </Button>
                )}
                {(!data.totp || data.totpLost) && (
                  <Button onClick={() => setOpen({ what: 'totp' })}>
                    {data.totpLost ? 'Set up the authenticator app' : 'Add an authenticator app'}
                  </Button>
                )}
              </div>
            </>
          )}
        </section>
        {me?.account && <AccountSection me={me} />}
        {me && data && <LoginSection me={me} secondFactor={data.totp || data.passkeys.length > 0} />}
      </div>
      {open?.what === 'password' && (
        <ChangePassword close={close} done={() => changed('Your password is changed. Other devices are logged out.')} />
      )}
      {open?.what === 'email' && (
        <ChangeEmail
          close={close}
          done={(to) => changed(`Approve the change to ${to} by the link we emailed to your current address.`)}
        />
      )}
      {open?.what === 'totp' && (
        <AddAuthenticator close={close} done={(fresh) => changed('The authenticator app is added.', fresh)} />
      )}
      {open?.what === 'passkey' && (
        <AddPasskey close={close} done={(fresh) => changed('The passkey is added.', fresh)} />
      )}
      {open?.what === 'remove-totp' && (
        <AskPassword
          title="Remove the authenticator app?"
          button="Remove"
          close={close}
          send={async (password) => {
            await call('DELETE', '/v1/factors/totp', { body: { password } });
            changed('The authenticator app is removed.');
          }}
        />
      )}
      {open?.what === 'remove-passkey' && (
        <AskPassword
          title={`Remove ${open.name}?`}
          button="Remove"
          close={close}
          send={async (password) => {
            await call('DELETE', '/v1/passkeys/{id}', { path: { id: open.id }, body: { password } });
            changed('The passkey is removed.');
          }}
        />
      )}
      {open?.what === 'codes' && (
        <AskPassword
          title="Make new recovery codes?"
          button="Make new codes"
          text="The ones you have stop working."
          close={close}
          send={async (password) => {
            changed(
              'Your new recovery codes are made.',
              (await call('POST', '/v1/factors/recovery', { body: { password } })).recoveryCodes,
            );
          }}
        />
      )}
      {codes && <Codes codes={codes} close={() => setCodes(null)} />}
    </Page>
  );
}
