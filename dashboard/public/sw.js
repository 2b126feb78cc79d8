// Shows the notifications that function deliver sends (shared/webpush) and opens what they are about. It sees no
// request of any page, and stores nothing.
addEventListener('install', () => skipWaiting());

addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    // A browser ends the subscription of whoever shows nothing.
  }
  event.waitUntil(
    registration.showNotification(String(told.title || 'New request'), {
      body: String(told.body || 'Open the inbox to see it.'),
      tag: String(told.tag || 'request'),
      icon: '/icon-192.png',
      lang: 'en-GB',
      data: { path: String(told.path || '') },
    }),
  );
});

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? ''));
});

// A window that shows it already comes to the front; any other is left alone, for somebody may be writing there.
async function open(path) {
  const address = new URL(path.startsWith('/app') ? path : '/app/inbox', location.origin).href;
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const there = windows.find((one) => one.url === address);
  return there ? there.focus() : clients.openWindow(address);
}
