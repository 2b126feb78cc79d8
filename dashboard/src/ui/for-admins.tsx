import type { ComponentChildren } from 'preact';
import { useMe } from '../lib/me';

/** Others see how it is set, and who can change it. */
export function ForAdmins({ children }: { children: ComponentChildren }) {
  const role = useMe()?.role;
  const reads = role === 'agent' || role === 'viewer';
  return (
    <>
      {reads && <p class="note for-admins-note">Only the account’s owners and admins can change this.</p>}
      <fieldset class="for-admins" disabled={reads}>
        {children}
      </fieldset>
    </>
  );
}
