import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Client, ClientInvitation, Payer } from '../../lib/api.gen';
import { emailProblem } from '../../lib/check';
import { ago, longDate, longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { chooseAccount, refreshMe, useMe } from '../../lib/me';
import { navigate } from '../../lib/router';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Field, Select } from '../../ui/field';
import { text } from '../../ui/form';
import { Page } from '../../ui/page';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';

const pays = (payer: Payer, agency: boolean) =>
  (payer === 'agency') === agency ? 'you pay' : agency ? 'the client pays' : 'the agency pays';

/** Whose work this account does, and who works in it. */
export default function Clients() {
  const me = useMe();
  const manages = me?.role === 'admin' || me?.role === 'owner';
  const own = me?.accounts.find((one) => one.id === me.account?.id)?.agency === undefined;
  const clients = useLoad('clients', (signal) => call('GET', '/v1/clients', { signal }));
  const agencies = useLoad('agencies', (signal) => call('GET', '/v1/agencies', { signal }));
  const [open, setOpen] = useState<'add' | 'ask' | { end: Client; as: 'client' | 'agency' } | null>(null);
  const close = () => setOpen(null);
  const done = (said: string) => {
    close();
    toast({ text: said });
    clients.reload();
    agencies.reload();
    refreshMe();
  };
  const withdraw = async (one: ClientInvitation) => {
    try {
      await call('DELETE', '/v1/clients/invitations/{id}', { path: { id: one.id } });
      done('Invitation withdrawn.');
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
      clients.reload();
    }
  };
  return (
    <Page
      title="Clients"
      width="column"
      lead="Accounts you manage for clients. Clients never see each other’s data."
      aside={
        manages &&
        own && (
          <span class="buttons">
            <Button look="primary" onClick={() => setOpen('add')}>
              Add a client
            </Button>
            <Button onClick={() => setOpen('ask')}>Invite an existing account</Button>
          </span>
        )
      }
    >
      {!clients.data &&
        (clients.error ? <Failed error={clients.error} retry={clients.reload} /> : <Loading what="Loading clients" />)}
      {clients.data?.clients.length === 0 && clients.data.invitations.length === 0 && (
        <Empty title="No clients">
          <p>Create an account for each client, or invite a client who already has one.</p>
        </Empty>
      )}
      <ul class="rows">
        {clients.data?.clients.map((one) => (
          <li class="row" key={one.id}>
            <div>
              <p class="row-name">
                {one.name} <span class="tag">{pays(one.payer, true)}</span>
              </p>
              <p class="small muted">Since {ago(one.since)}</p>
            </div>
            <div class="buttons">
              <Button
                small
                look="primary"
                aria-label={`Open ${one.name}`}
                onClick={() => {
                  chooseAccount(one.id);
                  navigate('/app');
                }}
              >
                Open
              </Button>
              {manages && own && (
                <Button
                  small
                  aria-label={`Stop managing ${one.name}`}
                  onClick={() => setOpen({ end: one, as: 'client' })}
                >
                  Stop managing
                </Button>
              )}
            </div>
          </li>
        ))}
        {clients.data?.invitations.map((one) => (
          <li class="row" key={one.id}>
            <div>
              <p class="row-name">
                {one.email} <span class="tag">invited, {pays(one.payer, true)}</span>
              </p>
              <p class="small muted">
                Invited by {one.by}, expires {longDateTime(one.expiresAt)}
              </p>
            </div>
            {manages && own && (
              <Button small aria-label={`Withdraw the invitation for ${one.email}`} onClick={() => withdraw(one)}>
                Withdraw
              </Button>
            )}
          </li>
        ))}
      </ul>
      <section class="after-form" aria-labelledby="clients-agencies">
        <h2 id="clients-agencies">Your agencies</h2>
        {!agencies.data &&
          (agencies.error ? (
            <Failed error={agencies.error} retry={agencies.reload} />
          ) : (
            <Loading what="Loading agencies" rows={1} />
          ))}
        {agencies.data?.agencies.length === 0 && <p class="muted">No agency manages this account.</p>}
        <ul class="rows">
          {agencies.data?.agencies.map((one) => (
            <li class="row" key={one.id}>
              <div>
                <p class="row-name">
                  {one.name} <span class="tag">{pays(one.payer, false)}</span>
                </p>
                <p class="small muted">Since {ago(one.since)}</p>
              </div>
              {me?.role === 'owner' && (
                <Button small aria-label={`Remove ${one.name}`} onClick={() => setOpen({ end: one, as: 'agency' })}>
                  Remove
                </Button>
              )}
            </li>
          ))}
        </ul>
      </section>
      {open === 'add' && (
        <DialogForm
          title="Add a client"
          fields={{ name: 'Name', payer: 'Who pays' }}
          check={(values): Record<string, string> => (text(values, 'name') ? {} : { name: 'Enter the client’s name.' })}
          send={async (values) => {
            const made = await call('POST', '/v1/clients', {
              body: { name: text(values, 'name'), payer: text(values, 'payer') as Payer },
            });
            done(`${made.name} added.`);
          }}
          button="Add client"
          close={close}
        >
          {(errors) => (
            <>
              <Field label="Name" name="name" autocomplete="off" error={errors.name} />
              <PayerSelect error={errors.payer} />
            </>
          )}
        </DialogForm>
      )}
      {open === 'ask' && (
        <DialogForm
          title="Invite an existing account"
          fields={{ email: 'Email', payer: 'Who pays' }}
          check={(values): Record<string, string> => {
            const problem = emailProblem(text(values, 'email'));
            return problem ? { email: problem } : {};
          }}
          send={async (values) => {
            await call('POST', '/v1/clients/invitations', {
              body: { email: text(values, 'email'), payer: text(values, 'payer') as Payer },
            });
            done('Invitation sent.');
          }}
          button="Invite"
          close={close}
        >
          {(errors) => (
            <>
              <Field
                label="Owner’s email"
                name="email"
                type="email"
                autocomplete="off"
                autocapitalize="off"
                spellcheck={false}
                error={errors.email}
              />
              <PayerSelect error={errors.payer} />
            </>
          )}
        </DialogForm>
      )}
      {open && typeof open === 'object' && (
        <DialogForm
          title={open.as === 'client' ? `Stop managing ${open.end.name}?` : `Remove ${open.end.name}?`}
          lead={
            open.as === 'client' ? (
              <>
                <p>
                  If {open.end.name} has members of its own, they keep the account and we’ll email them. If none of them
                  is an owner, the member with the highest role becomes the owner.
                </p>
                <p>
                  If nobody else has access, the account is closed: its widgets stop immediately and everything in it is
                  deleted after 30 days. You can restore it from its Security page until then. To hand it over, invite
                  its owner first.
                </p>
              </>
            ) : (
              <p>
                The agency loses access immediately.{' '}
                {open.end.payer === 'agency' &&
                  'The agency pays for this account, so it moves to the Free plan until you choose another.'}
              </p>
            )
          }
          send={async () => {
            const path = { id: open.end.id };
            const ended =
              open.as === 'client'
                ? await call('DELETE', '/v1/clients/{id}', { path })
                : await call('DELETE', '/v1/agencies/{id}', { path });
            done(
              ended?.closingAt
                ? `${open.end.name} is closed and will be deleted on ${longDate(ended.closingAt)}.`
                : open.as === 'client'
                  ? `You no longer manage ${open.end.name}.`
                  : `${open.end.name} no longer manages your account.`,
            );
          }}
          button={open.as === 'client' ? 'Stop managing' : 'Remove agency'}
          danger
          close={close}
        />
      )}
    </Page>
  );
}

function PayerSelect({ error }: { error?: string }) {
  return (
    <Select label="Who pays" name="payer" hint="Both you and the client can see this." error={error}>
      <option value="agency">The agency</option>
      <option value="client">The client</option>
    </Select>
  );
}
