import { useEffect, useRef, useState } from 'preact/hooks';
import { logOut } from '../lib/log-out';
import { chooseAccount, useMe } from '../lib/me';
import { navigate, usePlace } from '../lib/router';

export function AccountMenu() {
  const me = useMe();
  const { path } = usePlace();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => setOpen(false), [path]);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => !box.current?.contains(event.target as Node) && setOpen(false);
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return;
      setOpen(false);
      button.current?.focus();
    };
    document.addEventListener('pointerdown', away);
    document.addEventListener('focusin', away);
    document.addEventListener('keydown', pressed);
    return () => {
      document.removeEventListener('pointerdown', away);
      document.removeEventListener('focusin', away);
      document.removeEventListener('keydown', pressed);
    };
  }, [open]);

  return (
    <div class="menu" ref={box}>
      <button
        type="button"
        class="menu-button"
        ref={button}
        aria-expanded={open}
        aria-controls="account-menu"
        onClick={() => setOpen(!open)}
      >
        <span class="menu-initial" aria-hidden="true">
          {(me?.user.name || '·').slice(0, 1).toUpperCase()}
        </span>
        <span>Account</span>
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path d="M3 4.5l3 3 3-3" />
        </svg>
      </button>
      <div class="menu-list" id="account-menu" hidden={!open}>
        {me && (
          <div class="menu-who">
            <strong>{me.user.name}</strong>
            <span>{me.user.email}</span>
            {me.account && (
              <span>
                {me.account.name}, {me.plan.name} plan
              </span>
            )}
          </div>
        )}
        {me && me.accounts.length > 1 && (
          <div class="menu-accounts" role="group" aria-label="Change account">
            {me.accounts.map((account) => (
              <button
                type="button"
                key={account.id}
                aria-pressed={account.id === me.account?.id}
                onClick={() => {
                  setOpen(false);
                  chooseAccount(account.id);
                  navigate('/app');
                }}
              >
                {account.name}
                {account.agency && <span class="small muted">client</span>}
              </button>
            ))}
          </div>
        )}
        <a href="/app/people">People</a>
        <a href="/app/clients">Clients</a>
        {(me?.role === 'admin' || me?.role === 'owner') && <a href="/app/complaints">Complaints</a>}
        {(me?.role === 'admin' || me?.role === 'owner') && <a href="/app/log">Activity log</a>}
        <a href="/app/notifications">Notifications</a>
        <a href="/app/security">Security</a>
        {me && (me.role === 'owner' || me.role === 'admin') && <a href="/app/billing">Billing</a>}
        <a href="/app/devices">Devices</a>
        <a href="/cookies">Cookie policy</a>
        <button type="button" onClick={logOut}>
          Log out
        </button>
      </div>
    </div>
  );
}
