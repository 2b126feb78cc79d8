import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Me } from '../../lib/api.gen';
import { longDate } from '../../lib/format';
import { chooseAccount, refreshMe } from '../../lib/me';
import { navigate } from '../../lib/router';
import { signOut } from '../../lib/session';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { toast } from '../../ui/toast';
import { AskPassword } from './credential-dialogs';

/** Leaving the account, and deleting one's own login. */
export function LoginSection({ me, secondFactor }: { me: Me; secondFactor: boolean }) {
  const [open, setOpen] = useState<'leave' | 'delete' | null>(null);
  const close = () => setOpen(null);
  // Who comes through an agency is no member, and has nothing to leave.
  const member = me.account && me.accounts.find((one) => one.id === me.account!.id)?.agency === undefined;
  const others = me.accounts.filter((one) => one.id !== me.account?.id && one.agency === undefined);
  return (
    <section aria-labelledby="security-leave" class="danger-zone">
      <h2 id="security-leave">Leave</h2>
      {member && (
        <p>
          If you leave {me.account!.name}, you lose access immediately. Deleting your login removes you from every
          account and deletes your name, email, password and second factors. Those accounts’ activity logs keep your
          name next to what you did.
        </p>
      )}
      {!member && (
        <p>
          Deleting your login deletes your name, email, password and second factors, and removes you from every account.
          Those accounts’ activity logs keep your name next to what you did.
        </p>
      )}
      <div class="buttons">
        {member && <Button onClick={() => setOpen('leave')}>Leave {me.account!.name}</Button>}
        <Button look="danger" onClick={() => setOpen('delete')}>
          Delete your login
        </Button>
      </div>
      {open === 'leave' && (
        <DialogForm
          title={`Leave ${me.account!.name}?`}
          lead={
            <p>
              You’ll need an invitation to come back.
              {others.length === 0 &&
                ' You have no other account, so your login will be deleted after 30 days ' +
                  'unless someone invites you before then.'}
            </p>
          }
          send={async () => {
            await call('DELETE', '/v1/members/{id}', { path: { id: 'me' } });
            close();
            toast({ text: `You’ve left ${me.account!.name}.` });
            if (others[0]) chooseAccount(others[0].id);
            else refreshMe();
            navigate('/app');
          }}
          button="Leave"
          danger
          close={close}
        />
      )}
      {open === 'delete' && (
        <AskPassword
          title="Delete your login?"
          button="Delete permanently"
          text="This happens immediately and can’t be undone."
          code={secondFactor}
          close={close}
          send={async (password, code) => {
            await call('DELETE', '/v1/me', { body: { password, ...(code && { code }) } });
            signOut('left');
            navigate('/login', { replace: true });
            toast({ text: 'Your login has been deleted.' });
          }}
        />
      )}
    </section>
  );
}

/** What somebody reads who is in no account. */
export function InNoAccount({ me }: { me: Me }) {
  return (
    <p class="note">
      You don’t belong to an account. Someone can invite you to theirs.{' '}
      {me.user.deletesAt && <>Otherwise your login will be deleted on {longDate(me.user.deletesAt)}. </>}
      To create your own account, delete this login and <a href="/register">sign up</a> again.
    </p>
  );
}
