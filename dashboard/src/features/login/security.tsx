import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import { ago, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { refreshMe, useMe } from '../../lib/me';
import { Button, ButtonLink } from '../../ui/button';
import { Page } from '../../ui/page';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { AccountSection } from './account-section';
import { ChangeName } from './change-name';
import { AskPassword, ChangeEmail, ChangePassword } from './credential-dialogs';
import { AddAuthenticator, AddPasskey, Codes } from './factor-dialogs';
import { InNoAccount, LoginSection } from './login-section';
import { canPasskey } from './webauthn';

type Open =
  | { what: 'name' | 'password' | 'email' | 'totp' | 'passkey' | 'remove-totp' | 'codes' }
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
      toast({ text: 'Email change cancelled.' });
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
    }
    address.reload();
  };
  const cancel = async () => {
    try {
      await call('DELETE', '/v1/recovery');
      toast({ text: 'Recovery cancelled. If you didn’t start it, change your password.' });
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
    }
    reload();
  };

  return (
    <Page
      title="Security"
      lead={
        me && (
          <>
            You’re logged in as <strong>{me.user.email}</strong>.
          </>
        )
      }
    >
      {me?.lacksSecondFactor && (
        <p class="note">{me.account?.name} requires two-factor authentication. Set it up to continue.</p>
      )}
      {me && !me.account && <InNoAccount me={me} />}
      {data?.recoveryAt && (
        <div class="note" role="alert">
          <p>
            Someone with access to your email has asked to turn off two-factor authentication on your account. They can
            do so from {longDateTime(data.recoveryAt)}.
          </p>
          <Button look="danger" onClick={cancel}>
            Cancel recovery{' '}
          </Button>
        </div>
      )}
      <div class="settings">
        <section aria-labelledby="security-password">
          <h2 id="security-password">Name, password and email</h2>
          {address.data?.pending && (
            <div class="note">
              <p>
                You asked to change your email to <strong>{address.data.pending.email}</strong>.{' '}
                {address.data.pending.approved
                  ? 'Follow the link we sent to that address to complete the change.'
                  : 'Follow the link we sent to your current address to approve it.'}{' '}
                The link expires on {longDateTime(address.data.pending.expiresAt)}.
              </p>
              <Button onClick={keepAddress}>Cancel change</Button>
            </div>
          )}
          <div class="buttons">
            <Button onClick={() => setOpen({ what: 'name' })}>Change name</Button>
            <Button onClick={() => setOpen({ what: 'password' })}>Change password</Button>
            <Button onClick={() => setOpen({ what: 'email' })}>Change email</Button>
            <ButtonLink href="/app/devices">Devices</ButtonLink>
          </div>
        </section>
        <section aria-labelledby="security-factors">
          <h2 id="security-factors">Two-factor authentication</h2>
          {!data &&
            (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading two-factor authentication" />)}
          {data && (
            <>
              {!data.totp && data.passkeys.length === 0 && (
                <p>
                  Your account is protected by a password only. Add a passkey or an authenticator app so that a stolen
                  password isn’t enough to log in.
                </p>
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
                      Authenticator app {data.totpLost && <span class="tag tag-missed">Set up again</span>}
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
                      Create new codes
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
      {open?.what === 'name' && me && (
        <ChangeName name={me.user.name} close={close} done={() => changed('Your name has been changed.')} />
      )}
      {open?.what === 'password' && (
        <ChangePassword close={close} done={() => changed('Password changed. Other devices have been logged out.')} />
      )}
      {open?.what === 'email' && (
        <ChangeEmail
          close={close}
          done={(to) => changed(`To change your email to ${to}, follow the link we’ve sent to your current address.`)}
        />
      )}
      {open?.what === 'totp' && (
        <AddAuthenticator close={close} done={(fresh) => changed('Authenticator app added.', fresh)} />
      )}
      {open?.what === 'passkey' && <AddPasskey close={close} done={(fresh) => changed('Passkey added.', fresh)} />}
      {open?.what === 'remove-totp' && (
        <AskPassword
          title="Remove the authenticator app?"
          button="Remove"
          close={close}
          send={async (password) => {
            await call('DELETE', '/v1/factors/totp', { body: { password } });
            changed('Authenticator app removed.');
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
            changed('Passkey removed.');
          }}
        />
      )}
      {open?.what === 'codes' && (
        <AskPassword
          title="Create new recovery codes?"
          button="Create new codes"
          safe
          text="Your current codes will stop working."
          close={close}
          send={async (password) => {
            changed(
              'New recovery codes created.',
              (await call('POST', '/v1/factors/recovery', { body: { password } })).recoveryCodes,
            );
          }}
        />
      )}
      {codes && <Codes codes={codes} close={() => setCodes(null)} />}
    </Page>
  );
}
