import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { Invitation, Member, Role } from '../../lib/api.gen';
import { emailProblem } from '../../lib/check';
import { ago, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { refreshMe, useMe } from '../../lib/me';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Field, Select } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';

const ROLES: Record<Role, string> = {
  viewer: 'Viewer: sees statistics and requests',
  agent: 'Agent: works the requests',
  admin: 'Admin: changes sites and people',
  owner: 'Owner: billing, and closing the account',
};

export default function People() {
  const me = useMe();
  const manages = me?.role === 'admin' || me?.role === 'owner';
  const list = useLoad('members', (signal) => call('GET', '/v1/members', { signal }));
  const waiting = useLoad(`invitations ${manages}`, async (signal) =>
    manages ? call('GET', '/v1/invitations', { signal }) : { invitations: [] },
  );
  const [open, setOpen] = useState<'invite' | { remove: Member } | { role: Member } | null>(null);
  const done = (said: string) => {
    setOpen(null);
    toast({ text: said });
    list.reload();
    waiting.reload();
    refreshMe();
  };
  const withdraw = async (one: Invitation) => {
    try {
      await call('DELETE', '/v1/invitations/{id}', { path: { id: one.id } });
      done('The invitation is withdrawn.');
    } catch (failure) {
      toast({ text: failure instanceof ApiError ? failure.detail : 'That did not work. Please try again.', bad: true });
      waiting.reload();
    }
  };
  return (
    <Page
      title="People"
      width="narrow"
      lead={me?.account && <>Who works in {me.account.name}.</>}
      aside={
        manages && (
          <Button look="primary" onClick={() => setOpen('invite')}>
            Invite
          </Button>
        )
      }
    >
      {!list.data &&
        (list.error ? <Failed error={list.error} retry={list.reload} /> : <Loading what="Loading the members" />)}
      {list.data?.members.length === 0 && (
        <Empty title="Nobody yet">
          <p>This account has no members of its own. Invite its owner.</p>
        </Empty>
      )}
      {list.data && list.data.members.length > 0 && (
        <ul class="rows">
          {list.data.members.map((one) => (
            <li class="row" key={one.id}>
              <div>
                <p class="row-name">
                  {one.name} <span class="tag">{one.role}</span> {one.you && <span class="tag">You</span>}
                </p>
                <p class="small muted">
                  {one.email}, since {ago(one.since)}
                  {one.secondFactor ? ', with a second factor' : ', no second factor'}
                </p>
              </div>
              <div class="buttons">
                {manages && (
                  <Button small aria-label={`Change the role of ${one.name}`} onClick={() => setOpen({ role: one })}>
                    Role
                  </Button>
                )}
                {(manages || one.you) && (
                  <Button
                    small
                    aria-label={one.you ? 'Leave this account' : `Remove ${one.name}`}
                    onClick={() => setOpen({ remove: one })}
                  >
                    {one.you ? 'Leave' : 'Remove'}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {manages && (
        <section aria-labelledby="people-waiting">
          <h2 id="people-waiting">Invitations</h2>
          {!waiting.data &&
            (waiting.error ? (
              <Failed error={waiting.error} retry={waiting.reload} />
            ) : (
              <Loading what="Loading the invitations" rows={1} />
            ))}
          {waiting.data?.invitations.length === 0 && <p class="muted">None is waiting.</p>}
          <ul class="rows">
            {waiting.data?.invitations.map((one) => (
              <li class="row" key={one.id}>
                <div>
                  <p class="row-name">
                    {one.email} <span class="tag">{one.role}</span>
                  </p>
                  <p class="small muted">
                    Invited by {one.by}, until {longDateTime(one.expiresAt)}
                  </p>
                </div>
                <Button small aria-label={`Withdraw the invitation of ${one.email}`} onClick={() => withdraw(one)}>
                  Withdraw
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {open === 'invite' && (
        <Dialog title="Invite somebody" onClose={() => setOpen(null)}>
          <Form
            fields={{ email: 'E-mail', role: 'Role' }}
            check={(values): Record<string, string> => {
              const problem = emailProblem(text(values, 'email'));
              return problem ? { email: problem } : {};
            }}
            send={async (values) => {
              const email = text(values, 'email');
              await call('POST', '/v1/invitations', { body: { email, role: text(values, 'role') as Role } });
              done(`The invitation to ${email} is on its way.`);
            }}
          >
            {({ errors, busy }) => (
              <>
                <Field
                  label="E-mail"
                  name="email"
                  type="email"
                  autocomplete="off"
                  autocapitalize="off"
                  spellcheck={false}
                  hint="The invitation is for this address only, and stands for 7 days."
                  error={errors.email}
                />
                <RoleSelect error={errors.role} />
                <div class="form-end">
                  <Button look="primary" type="submit" busy={busy}>
                    Invite
                  </Button>
                  <Button look="bare" onClick={() => setOpen(null)}>
                    Cancel
                  </Button>
                </div>
              </>
            )}
          </Form>
        </Dialog>
      )}
      {open && typeof open === 'object' && 'role' in open && (
        <Dialog title={`The role of ${open.role.name}`} onClose={() => setOpen(null)}>
          <Form
            fields={{ role: 'Role' }}
            send={async (values) => {
              await call('PATCH', '/v1/members/{id}', {
                path: { id: open.role.id },
                body: { role: text(values, 'role') as Role },
              });
              done('The role is changed.');
            }}
          >
            {({ errors, busy }) => (
              <>
                <RoleSelect error={errors.role} now={open.role.role} />
                <div class="form-end">
                  <Button look="primary" type="submit" busy={busy}>
                    Change role
                  </Button>
                  <Button look="bare" onClick={() => setOpen(null)}>
                    Cancel
                  </Button>
                </div>
              </>
            )}
          </Form>
        </Dialog>
      )}
      {open && typeof open === 'object' && 'remove' in open && (
        <Dialog
          title={open.remove.you ? 'Leave this account?' : `Remove ${open.remove.name}?`}
          onClose={() => setOpen(null)}
        >
          <p>
            {open.remove.you
              ? 'You need an invitation to come back. A login that is in no account is deleted after 30 days.'
              : 'It takes effect at once, and they are told by mail. Invitations that they have sent are withdrawn.'}
          </p>
          <Form
            fields={{}}
            send={async () => {
              await call('DELETE', '/v1/members/{id}', { path: { id: open.remove.you ? 'me' : open.remove.id } });
              done(open.remove.you ? 'You have left the account.' : `${open.remove.name} is removed.`);
            }}
          >
            {({ busy }) => (
              <div class="form-end">
                <Button look="danger" type="submit" busy={busy}>
                  {open.remove.you ? 'Leave' : 'Remove'}
                </Button>
                <Button look="bare" onClick={() => setOpen(null)}>
                  Cancel
                </Button>
              </div>
            )}
          </Form>
        </Dialog>
      )}
    </Page>
  );
}

function RoleSelect({ error, now = 'agent' }: { error?: string; now?: Role }) {
  return (
    <Select label="Role" name="role" error={error}>
      {Object.entries(ROLES).map(([role, said]) => (
        <option key={role} value={role} selected={role === now}>
          {said}
        </option>
      ))}
    </Select>
  );
}
