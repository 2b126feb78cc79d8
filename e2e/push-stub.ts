/** The one call of the browser that is replaced, in a page. Text, because a compiler adds to functions. */
export function subscribesTo(endpoint: string, p256dh: string, auth: string): string {
  return `(() => {
    const key = 'test-push';
    const made = (options) => ({
      endpoint: ${JSON.stringify(endpoint)}, options,
      toJSON: () => ({ endpoint: ${JSON.stringify(endpoint)}, keys: ${JSON.stringify({ p256dh, auth })} }),
      unsubscribe: async () => { window.name = ''; return true; },
    });
    const read = () => {
      if (!window.name.startsWith(key)) return null;
      const text = window.name.slice(key.length);
      return made({ applicationServerKey: Uint8Array.from(atob(text), (one) => one.charCodeAt(0)).buffer });
    };
    PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
      window.name = key + btoa(String.fromCharCode(...new Uint8Array(applicationServerKey)));
      return read();
    };
    PushManager.prototype.getSubscription = async () => read();
  })()`;
}
