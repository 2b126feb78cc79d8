import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Me } from '../../lib/api.gen';
import { longDate } from '../../lib/format';
import { chooseAccount, refreshMe } from '../../lib/me';
import { navigate } from '../../lib/router';
import { signOut } from '../../lib/session';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Form } from '../../ui/form';
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
          Leaving {me.account!.name} takes effect at once. Deleting your login takes you out of every account and
          removes your name, address, password and second factors. The logs of those accounts keep your name beside what
          you did.
        </p>
      )}
      {!member && (
        <p>
          Deleting your login removes your name, address, password and second factors, and takes you out of every
          account. The logs of those accounts keep your name beside what you did.
        </p>
      )}
      <div class="buttons">
        {member && <Button onClick={() => setOpen('leave')}>Leave {me.account!.name}</Button>}
        <Button look="danger" onClick={() => setOpen('delete')}>
          Delete your login
        </Button>
      </div>
      {open === 'leave' && (
        <Dialog title={`Leave ${me.account!.name}?`} onClose={close}>
          <p>
            You need an invitation to come back.
            {others.length === 0 &&
              ' You are in no other account: your login is deleted after 30 days, unless somebody invites you before that.'}
          </p>
          <Form
            fields={{}}
            send={async () => {
              await call('DELETE', '/v1/members/{id}', { path: { id: 'me' } });
              close();
              toast({ text: `You have left ${me.account!.name}.` });
              if (others[0]) chooseAccount(others[0].id);
              else refreshMe();
              navigate('/app');
            }}
          >
            {({ busy }) => (
              <div class="form-end">
                <Button look="danger" type="submit" busy={busy}>
                  Leave
                </Button>
                <Button look="bare" onClick={close}>
                  Cancel
                </Button>
              </div>
            )}
          </Form>
        </Dialog>
      )}
      {open === 'delete' && (
        <AskPassword
          title="Delete your login?"
          button="Delete for good"
          text="This takes effect at once and cannot be undone."
          code={secondFactor}
          close={close}
          send={async (password, code) => {
            await call('DELETE', '/v1/me', { body: { password, ...(code && { code }) } });
            signOut('left');
            navigate('/login', { replace: true });
            toast({ text: 'Your login is deleted.' });
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
      You are in no account. Somebody can invite you to one.{' '}
      {me.user.deletesAt && <>Your login is deleted on {longDate(me.user.deletesAt)} otherwise. </>}
      To open an account of your own, delete this login and <a href="/register">register</a> again.
    </p>
  );
}
