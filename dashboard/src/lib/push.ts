// Notifications in this browser, as the account knows them.
import { call } from './api';
import type { PushDevices } from './api.gen';
import { current, forget, support } from './push-worker';

export const refused = () => support() === 'yes' && Notification.permission === 'denied';

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (given: string) => string },
  ): {
    createScriptURL(given: string): string;
  };
}

/** The one script that these pages may name: Trusted Types let no other text become one. */
function worker(): string {
  const types = (globalThis as { trustedTypes?: Policies }).trustedTypes;
  trusted ??=
    types?.createPolicy('mi-connect-worker', { createScriptURL: () => '/sw.js' }).createScriptURL('') ?? '/sw.js';
  return trusted;
}
let trusted: string | undefined;

/** How the API calls the browser of a subscription. */
async function idOf(subscription: PushSubscription): Promise<string> {
  const sum = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint));
  return encode(sum.slice(0, 16));
}

/** This browser's id, where it is on. */
export async function ownID(): Promise<string | null> {
  const subscription = await current();
  return subscription && (await idOf(subscription));
}

const encode = (bytes: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=+$/, '');
const decode = (text: string) =>
  Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (one) => one.charCodeAt(0));

/** Asks for permission and turns it on. False when the person or their browser says no. */
export async function turnOn(known: PushDevices): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false;
  await navigator.serviceWorker.register(worker(), { scope: '/' });
  const registration = await navigator.serviceWorker.ready;
  const old = await registration.pushManager.getSubscription();
  // Of somebody else who used this browser, or of a key that is not in use any more.
  if (old && !(await isOurs(old, known))) await old.unsubscribe();
  await store(await subscribe(registration, known), known);
  return true;
}

async function isOurs(subscription: PushSubscription, known: PushDevices): Promise<boolean> {
  const key = subscription.options.applicationServerKey;
  if (!key || encode(key) !== known.publicKey) return false;
  const id = await idOf(subscription);
  return known.devices.some((device) => device.id === id);
}

const subscribe = (registration: ServiceWorkerRegistration, known: PushDevices) =>
  registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: decode(known.publicKey) });

async function store(subscription: PushSubscription, known: PushDevices): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const body = { endpoint: endpoint!, p256dh: keys!.p256dh!, auth: keys!.auth!, publicKey: known.publicKey };
  await call('POST', '/v1/push', { body });
}

/** Has what is on belong to the login of now, and ends what is somebody else's. For every start of the pages. */
export async function renew(): Promise<void> {
  try {
    const subscription = await current();
    if (!subscription) return;
    const known = await call('GET', '/v1/push');
    const id = await idOf(subscription);
    const mine = known.devices.find((device) => device.id === id);
    if (!mine) return await forget();
    if (await isOurs(subscription, known)) {
      if (!mine.current) await store(subscription, known);
      return;
    }
    await subscription.unsubscribe(); // of a key that was replaced
    await store(await subscribe(await navigator.serviceWorker.ready, known), known);
  } catch {
    // The next start tries again.
  }
}
