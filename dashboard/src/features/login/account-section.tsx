import { useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { ExportPart, Me } from '../../lib/api.gen';
import { longDate } from '../../lib/format';
import { refreshMe } from '../../lib/me';
import { save } from '../../lib/save';
import { Button } from '../../ui/button';
import { toast } from '../../ui/toast';
import { AskPassword } from './credential-dialogs';

/** The download of all data; and for the owner, what is asked of all members, and closing. */
export function AccountSection({ me }: { me: Me }) {
  const account = me.account!;
  const [read, setRead] = useState<number | null>(null);
  const [closing, setClosing] = useState(false);
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
        text:
          failure instanceof ApiError
            ? (Object.values(failure.fields)[0] ?? failure.detail)
            : 'That did not work. Please try again.',
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
    }, 'Your data is downloaded.');
    setRead(null);
  };
  return (
    <>
      <section aria-labelledby="security-data">
        <h2 id="security-data">Your data</h2>
        <p>
          {me.role === 'owner' || me.role === 'admin'
            ? `All that is kept of you and of ${account.name}, in one file.`
            : 'All that is kept of you, in one file.'}
        </p>
        <Button busy={read !== null} onClick={download}>
          Download
        </Button>
        <p role="status" class="small muted">
          {read !== null && `${read} entries read`}
        </p>
      </section>
      {owner && (
        <section aria-labelledby="security-members">
          <h2 id="security-members">All members of {account.name}</h2>
          <p>
            {account.requiresSecondFactor
              ? 'Everybody needs a second factor to work in this account.'
              : 'A second factor is up to each member.'}
          </p>
          <Button
            onClick={() =>
              attempt(
                () => call('PATCH', '/v1/account', { body: { requireSecondFactor: !account.requiresSecondFactor } }),
                'Saved.',
              )
            }
          >
            {account.requiresSecondFactor ? 'Leave it to each member' : 'Require a second factor'}
          </Button>
        </section>
      )}
      {(owner || agencyOfClosed) && (
        <section aria-labelledby="security-close" class="danger-zone">
          <h2 id="security-close">Delete {account.name}</h2>
          {account.closingAt ? (
            <>
              <p>
                Its widgets take no requests. Everything in it is deleted for good on {longDate(account.closingAt)}.
              </p>
              <Button
                look="primary"
                onClick={() => attempt(() => call('POST', '/v1/account/restore'), 'The account is open again.')}
              >
                Keep the account
              </Button>
            </>
          ) : (
            <>
              <p>
                Its widgets stop at once. After 30 days sites, requests, statistics and members go for good, and people
                who are in no other account with them. Clients that only you can enter go, too; the others keep their
                account. Until then you can undo it.
              </p>
              <Button look="danger" onClick={() => setClosing(true)}>
                Delete account
              </Button>
            </>
          )}
        </section>
      )}
      {closing && (
        <AskPassword
          title={`Delete ${account.name}?`}
          button="Delete in 30 days"
          close={() => setClosing(false)}
          send={async (password) => {
            await call('DELETE', '/v1/account', { body: { password } });
            setClosing(false);
            toast({ text: 'The account is deleted in 30 days.' });
            refreshMe();
          }}
        />
      )}
    </>
  );
}
