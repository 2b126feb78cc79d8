import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { AuditPage } from '../../lib/api.gen';
import { dateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { navigate, usePlace } from '../../lib/router';
import { csv, save } from '../../lib/save';
import { Button } from '../../ui/button';
import { Field, Select } from '../../ui/field';
import { Page } from '../../ui/page';
import { Stacked } from '../../ui/stacked';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import './team.css';

const WORDS: Record<string, string> = {
  'login.done': 'Logged in',
  'login.refused': 'Login refused',
  'session.ended': 'Devices logged out',
  'password.changed': 'Password changed',
  'password.reset': 'Password reset',
  'email.asked': 'Email change requested',
  'email.approved': 'Email change approved',
  'email.cancelled': 'Email change cancelled',
  'email.changed': 'Email changed',
  'factor.added': 'Second factor added',
  'factor.removed': 'Second factor removed',
  'factor.codes': 'Recovery codes created',
  'notifications.on': 'Browser notifications turned on',
  'notifications.off': 'Browser notifications turned off',
  'recovery.started': 'Recovery started',
  'recovery.cancelled': 'Recovery cancelled',
  'recovery.done': 'Recovery completed',
  'member.invited': 'Invited',
  'member.withdrawn': 'Invitation withdrawn',
  'member.joined': 'Joined',
  'member.role': 'Role changed',
  'member.removed': 'Member removed',
  'member.renamed': 'Name changed',
  'client.added': 'Client added',
  'client.invited': 'Client invited',
  'client.withdrawn': 'Client invitation withdrawn',
  'client.joined': 'Client joined',
  'client.ended': 'Client removed',
  'account.opened': 'Account created',
  'account.changed': 'Account changed',
  'account.closing': 'Account deletion scheduled',
  'account.restored': 'Account restored',
  'site.added': 'Site added',
  'site.changed': 'Site changed',
  'site.chosen': 'Site chosen to run',
  'site.hours': 'Opening hours changed',
  'site.widget': 'Widget design changed',
  'site.removed': 'Site removed',
  'export.read': 'Data downloaded',
  'visitor.exported': 'Visitor data exported',
  'visitor.erased': 'Visitor data erased',
  'number.blocked': 'Number blocked',
  'number.unblocked': 'Number unblocked',
  'complaint.answered': 'Complaint answered',
  'billing.asked': 'Billing change requested',
  'billing.changed': 'Billing changed',
};
const GROUPS: Record<string, string> = {
  'login.': 'Logins',
  'session.': 'Devices',
  'password.': 'Passwords',
  'factor.': 'Second factors',
  'recovery.': 'Recoveries',
  'member.': 'People',
  'client.': 'Clients',
  'account.': 'Account',
  'site.': 'Sites',
  'export.': 'Downloads',
  'visitor.': 'Visitor data',
  'complaint.': 'Complaints',
  'billing.': 'Billing',
};

/** What was done in the account. The filter is in the address. */
export default function Log() {
  const { query } = usePlace();
  const filter = new URLSearchParams(
    [...query].filter(([name, value]) => ['action', 'actor', 'from', 'to'].includes(name) && value),
  );
  const { data, error, reload, set } = useLoad(`log ${filter}`, (signal) =>
    call('GET', '/v1/audit', { query: Object.fromEntries(filter), signal }),
  );
  const members = useLoad('members', (signal) => call('GET', '/v1/members', { signal }));
  const [busy, setBusy] = useState(false);
  const page = (cursor: string) => call('GET', '/v1/audit', { query: { ...Object.fromEntries(filter), cursor } });
  const attempt = async (what: () => Promise<void>) => {
    setBusy(true);
    try {
      await what();
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
    }
    setBusy(false);
  };
  const more = () =>
    attempt(async () => {
      const next = await page(data!.next!);
      set({ items: [...data!.items, ...next.items], next: next.next });
    });
  const download = () =>
    attempt(async () => {
      const all = [...data!.items];
      for (let next = data!.next; next; ) {
        const following: AuditPage = await page(next);
        all.push(...following.items);
        next = following.next;
      }
      save(
        'mi-connect-log.csv',
        'text/csv',
        csv(
          ['at', 'action', 'who', 'what', 'place', 'device'],
          all.map((e) => [e.at, e.action, e.name, e.target, e.place, e.device]),
        ),
      );
    });
  return (
    <Page
      title="Activity log"
      lead="Who did what in this account, when and where from."
      aside={
        data &&
        data.items.length > 0 && (
          <Button busy={busy} onClick={download}>
            Download as CSV
          </Button>
        )
      }
    >
      <form
        class="log-filter"
        onSubmit={(event) => {
          event.preventDefault();
          const chosen = new URLSearchParams(
            [...new FormData(event.currentTarget)].filter(([, v]) => v) as [string, string][],
          );
          navigate(`/app/log${chosen.size ? `?${chosen}` : ''}`);
        }}
      >
        <Select label="Action" name="action">
          <option value="">Everything</option>
          {Object.entries(GROUPS).map(([value, name]) => (
            <option key={value} value={value} selected={filter.get('action') === value}>
              {name}
            </option>
          ))}
        </Select>
        <Select label="Who" name="actor">
          <option value="">Everyone</option>
          {members.data?.members.map((one) => (
            <option key={one.id} value={one.id} selected={filter.get('actor') === one.id}>
              {one.name}
            </option>
          ))}
        </Select>
        <Field
          label="From"
          name="from"
          type="date"
          defaultValue={filter.get('from') ?? ''}
          error={error?.fields.from}
        />
        <Field label="To" name="to" type="date" defaultValue={filter.get('to') ?? ''} error={error?.fields.to} />
        <Button type="submit">Show</Button>
      </form>
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading activity" />)}
      {data?.items.length === 0 && (
        <Empty title="No activity found">
          <p>No matching activity{data.next ? ' so far. Load more to look further back.' : '.'}</p>
        </Empty>
      )}
      {data && data.items.length > 0 && (
        <Stacked
          short
          caption="Entries, newest first"
          head={['When', 'Action', 'Who', 'Details', 'From']}
          rows={data.items.map((e) => [
            dateTime(e.at),
            WORDS[e.action] ?? e.action,
            e.name || 'Not logged in',
            e.target,
            `${e.device}${e.place ? `, ${e.place}` : ''}`,
          ])}
        />
      )}
      {data?.next && (
        <p class="after-form">
          <Button busy={busy} onClick={more}>
            Load more
          </Button>
        </p>
      )}
    </Page>
  );
}
