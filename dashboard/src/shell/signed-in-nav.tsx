import { useEffect } from 'preact/hooks';
import { useMe } from '../lib/me';
import { usePlace } from '../lib/router';
import { setCount } from '../lib/title';
import { useWaiting, waitingText } from '../lib/waiting';
import { AccountMenu } from './account-menu';

export function SignedInNav() {
  const { path } = usePlace();
  const me = useMe();
  const waiting = useWaiting();
  const n = waiting?.waiting ? waitingText(waiting) : '';
  useEffect(() => {
    setCount(n);
    return () => setCount('');
  }, [n]);
  const client = me?.accounts.find((one) => one.id === me.account?.id && one.agency);
  return (
    <nav aria-label="Main" class="header-nav">
      {client && (
        <span class="header-client">
          <span class="visually-hidden">Client: </span>
          {client.name}
        </span>
      )}
      <a href="/app" aria-current={path === '/app' ? 'page' : undefined}>
        Sites
      </a>
      <a href="/app/inbox" aria-current={path === '/app/inbox' ? 'page' : undefined}>
        Inbox
        {n && (
          <span class="count">
            {n}
            <span class="visually-hidden"> waiting</span>
          </span>
        )}
      </a>
      <AccountMenu />
    </nav>
  );
}
