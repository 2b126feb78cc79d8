// This browser's subscription at its push service, and the worker that shows what comes. It knows no login: the end of
// one ends it.

/** What this browser can do; "home-screen" where it can once the pages are added to it. */
export type Support = 'yes' | 'home-screen' | 'no';

export function support(): Support {
  if ('serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis) return 'yes';
  // An iPad says that it is a Mac, and has a touch screen.
  const apple =
    /iPhone|iPad/.test(navigator.userAgent) || (/Mac/.test(navigator.userAgent) && navigator.maxTouchPoints > 1);
  return apple ? 'home-screen' : 'no';
}

/** Its subscription, null for none. */
export async function current(): Promise<PushSubscription | null> {
  if (support() !== 'yes') return null;
  const registration = await navigator.serviceWorker.getRegistration('/');
  return (await registration?.pushManager.getSubscription()) ?? null;
}

/** Takes it out of this browser, the worker as well. */
export async function forget(): Promise<void> {
  try {
    const registration = support() === 'yes' ? await navigator.serviceWorker.getRegistration('/') : undefined;
    const subscription = await registration?.pushManager.getSubscription();
    await subscription?.unsubscribe();
    await registration?.unregister();
  } catch {
    // The server has forgotten it by then, and sends to it no more.
  }
}
