import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { logOutQuietly } from '../lib/log-out';
import { useMe } from '../lib/me';
import { useSignedIn } from '../lib/session';
import { Button, ButtonLink } from './button';
import { Page } from './page';

/**
 * Asks before a mailed link replaces the login of this browser: the link may be somebody else's, sent here so that the
 * reader works in their account unawares. Staying is the first choice.
 */
export function StayOrSwitch({ email, children }: { email?: string; children: ComponentChildren }) {
  const signedIn = useSignedIn();
  const me = useMe();
  const [busy, setBusy] = useState(false);
  if (!signedIn) return <>{children}</>;
  const go = async () => {
    setBusy(true);
    await logOutQuietly();
  };
  return (
    <Page
      key="switch"
      title="You’re already logged in"
      width="narrow"
      lead={
        <>
          This browser is logged in
          {me && (
            <>
              {' '}
              as <strong>{me.user.email}</strong>
            </>
          )}
          . The link{' '}
          {email ? (
            <>
              is for <strong>{email}</strong>
            </>
          ) : (
            'logs you in to a different account'
          )}
          .
        </>
      }
    >
      <p>If you didn’t ask for this link, stay logged in and close this page.</p>
      <div class="buttons after-form">
        <ButtonLink href="/app" look="primary">
          Stay logged in
        </ButtonLink>
        <Button busy={busy} onClick={go}>
          Log out and continue
        </Button>
      </div>
    </Page>
  );
}
