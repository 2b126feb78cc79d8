import { useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import type { ExportPart, Me } from '../../lib/api.gen';
import { longDate } from '../../lib/format';
import { refreshMe } from '../../lib/me';
import { save } from '../../lib/save';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';
import { AskPassword } from './credential-dialogs';
import { RenameAccount } from './rename-account';

/** The download of all data; and for the owner, what is asked of all members, and closing. */
export function AccountSection({ me }: { me: Me }) {
  const account = me.account!;
  const [read, setRead] = useState<number | null>(null);
  const [closing, setClosing] = useState(false);
  const [renaming, setRenaming] = useState(false);
  const owner = me.role === 'owner';
  // An agency may open a client's account again that nobody else can enter.
  const agencyOfClosed =
    !!account.closingAt &&
    me.role === 'admin' &&
    me.accounts.some((one) => one.id === account.id && one.agency !== undefined);
  const attempt = async (what: () => Promise<unknown>, said: string) => {
    try {
      await what();
      toast({ text: said });
    } catch (failure) {
      toast({
        text: (failure instanceof ApiError && Object.values(failure.fields)[0]) || detailOf(failure),
        bad: true,
      });
    }
    refreshMe();
  };
  const download = async () => {
    const parts: ExportPart[] = [];
    setRead(0);
    await attempt(async () => {
      for (let cursor: string | null = ''; cursor !== null; ) {
        const part: ExportPart = await call('GET', '/v1/export', { query: cursor ? { cursor } : {} });
        parts.push(part);
        setRead(parts.reduce((n, one) => n + one.items.length, 0));
        cursor = part.next;
      }
      save(
        'mi-connect-data.json',
        'application/json',
        JSON.stringify(
          parts.map(({ next: _, ...part }) => part),
          null,
          2,
        ),
      );
    }, 'Your data has been downloaded.');
    setRead(null);
  };
  return (
    <>
      <section aria-labelledby="security-data">
        <h2 id="security-data">Your data</h2>
        <p>
          {me.role === 'owner' || me.role === 'admin'
            ? `Download everything we keep about you and ${account.name} in one file.`
            : 'Download everything we keep about you in one file.'}
        </p>
        <Button busy={read !== null} onClick={download}>
          Download
        </Button>
        <p role="status" class="small muted">
          {read !== null && `${read} entries read`}
        </p>
      </section>
      {owner && (
        <section aria-labelledby="security-company">
          <h2 id="security-company">Company</h2>
          <p>
            This account is called <strong>{account.name}</strong>.
          </p>
          <Button onClick={() => setRenaming(true)}>Rename</Button>
        </section>
      )}
      {owner && (
        <section aria-labelledby="security-members">
          <h2 id="security-members">Members of {account.name}</h2>
          <p>
            {account.requiresSecondFactor
              ? 'Two-factor authentication is required for all members.'
              : 'Two-factor authentication is optional for members.'}
          </p>
          <Button
            onClick={() =>
              attempt(
                () => call('PATCH', '/v1/account', { body: { requireSecondFactor: !account.requiresSecondFactor } }),
                'Saved.',
              )
            }
          >
            {account.requiresSecondFactor ? 'Make it optional' : 'Require two-factor authentication'}
          </Button>
        </section>
      )}
      {(owner || agencyOfClosed) && (
        <section aria-labelledby="security-close" class="danger-zone">
          <h2 id="security-close">Delete {account.name}</h2>
          {account.closingAt ? (
            <>
              <p>
                Its widgets no longer take requests. Everything in it will be permanently deleted on{' '}
                {longDate(account.closingAt)}.
              </p>
              <Button
                look="primary"
                onClick={() => attempt(() => call('POST', '/v1/account/restore'), 'Account restored.')}
              >
                Keep the account
              </Button>
            </>
          ) : (
            <>
              <p>
                Its widgets stop immediately. After 30 days we permanently delete its sites, requests, statistics and
                members, and the logins of people who have no other account. Clients only you can access are deleted
                too; other clients keep their accounts. You can undo this until then.
              </p>
              <Button look="danger" onClick={() => setClosing(true)}>
                Delete account
              </Button>
            </>
          )}
        </section>
      )}
      {renaming && (
        <RenameAccount
          name={account.name}
          close={() => setRenaming(false)}
          done={() => {
            setRenaming(false);
            toast({ text: 'The account has been renamed.' });
            refreshMe();
          }}
        />
      )}
      {closing && (
        <AskPassword
          title={`Delete ${account.name}?`}
          button="Delete account"
          close={() => setClosing(false)}
          send={async (password) => {
            await call('DELETE', '/v1/account', { body: { password } });
            setClosing(false);
            toast({ text: 'The account will be deleted in 30 days.' });
            refreshMe();
          }}
        />
      )}
    </>
  );
}
