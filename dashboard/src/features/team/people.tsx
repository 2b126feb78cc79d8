import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Invitation, Member, Role } from '../../lib/api.gen';
import { emailProblem } from '../../lib/check';
import { ago, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { refreshMe, useMe } from '../../lib/me';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Field, Select } from '../../ui/field';
import { text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';

const ROLES: Record<Role, string> = {
  viewer: 'Viewer: can see statistics and requests',
  agent: 'Agent: can handle requests',
  admin: 'Admin: can manage sites and members',
  owner: 'Owner: can also manage billing and close the account',
};

const nameOf = (role: Role): string => ROLES[role].slice(0, ROLES[role].indexOf(':'));

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
      done('Invitation withdrawn.');
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
      waiting.reload();
    }
  };
  return (
    <Page
      title="People"
      width="column"
      lead={me?.account && <>Everyone with access to {me.account.name}.</>}
      aside={
        manages && (
          <Button look="primary" onClick={() => setOpen('invite')}>
            Invite
          </Button>
        )
      }
    >
      {!list.data &&
        (list.error ? <Failed error={list.error} retry={list.reload} /> : <Loading what="Loading members" />)}
      {list.data?.members.length === 0 && (
        <Empty title="No members yet">
          <p>This account has no members of its own. Invite the owner first.</p>
        </Empty>
      )}
      {list.data && list.data.members.length > 0 && (
        <ul class="rows">
          {list.data.members.map((one) => (
            <li class="row" key={one.id}>
              <div>
                <p class="row-name">
                  {one.name} <span class="tag">{nameOf(one.role)}</span> {one.you && <span class="tag">You</span>}
                </p>
                <p class="small muted">
                  {one.email}, since {ago(one.since)}
                  {one.secondFactor ? ', two-factor authentication on' : ', two-factor authentication off'}
                </p>
              </div>
              <div class="buttons">
                {manages && (
                  <Button small aria-label={`Change ${one.name}’s role`} onClick={() => setOpen({ role: one })}>
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
        <section class="after-form" aria-labelledby="people-waiting">
          <h2 id="people-waiting">Invitations</h2>
          {!waiting.data &&
            (waiting.error ? (
              <Failed error={waiting.error} retry={waiting.reload} />
            ) : (
              <Loading what="Loading invitations" rows={1} />
            ))}
          {waiting.data?.invitations.length === 0 && <p class="muted">No pending invitations.</p>}
          <ul class="rows">
            {waiting.data?.invitations.map((one) => (
              <li class="row" key={one.id}>
                <div>
                  <p class="row-name">
                    {one.email} <span class="tag">{nameOf(one.role)}</span>
                  </p>
                  <p class="small muted">
                    Invited by {one.by}, expires {longDateTime(one.expiresAt)}
                  </p>
                </div>
                <Button small aria-label={`Withdraw the invitation for ${one.email}`} onClick={() => withdraw(one)}>
                  Withdraw
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {open === 'invite' && (
        <DialogForm
          title="Invite a member"
          fields={{ email: 'Email', role: 'Role' }}
          check={(values): Record<string, string> => {
            const problem = emailProblem(text(values, 'email'));
            return problem ? { email: problem } : {};
          }}
          send={async (values) => {
            const email = text(values, 'email');
            await call('POST', '/v1/invitations', { body: { email, role: text(values, 'role') as Role } });
            done(`Invitation sent to ${email}.`);
          }}
          button="Invite"
          close={() => setOpen(null)}
        >
          {(errors) => (
            <>
              <Field
                label="Email"
                name="email"
                type="email"
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                hint="Only this address can use the invitation. It expires after 7 days."
                error={errors.email}
              />
              <RoleSelect error={errors.role} />
            </>
          )}
        </DialogForm>
      )}
      {open && typeof open === 'object' && 'role' in open && (
        <DialogForm
          title={`Change ${open.role.name}’s role`}
          fields={{ role: 'Role' }}
          send={async (values) => {
            await call('PATCH', '/v1/members/{id}', {
              path: { id: open.role.id },
              body: { role: text(values, 'role') as Role },
            });
            done('Role changed.');
          }}
          button="Change role"
          close={() => setOpen(null)}
        >
          {(errors) => <RoleSelect error={errors.role} now={open.role.role} />}
        </DialogForm>
      )}
      {open && typeof open === 'object' && 'remove' in open && (
        <DialogForm
          title={open.remove.you ? 'Leave this account?' : `Remove ${open.remove.name}?`}
          lead={
            <p>
              {open.remove.you
                ? 'You’ll need an invitation to come back. Logins without an account are deleted after 30 days.'
                : 'They lose access immediately and we’ll email them. Any invitations they sent are withdrawn.'}
            </p>
          }
          send={async () => {
            await call('DELETE', '/v1/members/{id}', { path: { id: open.remove.you ? 'me' : open.remove.id } });
            done(open.remove.you ? 'You’ve left the account.' : `${open.remove.name} has been removed.`);
          }}
          button={open.remove.you ? 'Leave' : 'Remove'}
          danger
          close={() => setOpen(null)}
        />
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
