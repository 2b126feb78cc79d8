import { call } from './api';
import { navigate } from './router';
import { signOut, token } from './session';

/** Logs out here whatever the API answers: a login that cannot be ended there expires. */
export async function logOutQuietly(): Promise<void> {
  const old = token();
  if (old === null) return;
  try {
    await call('POST', '/v1/logout');
  } catch {
    // The key goes either way.
  }
  signOut('left');
  await import('./push-worker').then(({ forget }) => forget()).catch(() => {});
}

export async function logOut(): Promise<void> {
  await logOutQuietly();
  navigate('/login', { replace: true });
}
