// What a browser keeps and whom it contacts, seen from outside the pages and, for what is gone again at
// once, from inside: every way to store is wrapped before any script of a page runs.
import type { BrowserContext, Page } from 'playwright-core';

export interface Seen {
  kind: string;
  name: string;
  pages: string;
  state: string;
}
export interface Contact {
  host: string;
  path: string;
  pages: string;
  state: string;
}

/** Says whose page an address is: "own", "site", "payment", or "elsewhere". */
export type Whose = (url: string) => string;

export class Observer {
  readonly storage: Seen[] = [];
  readonly contacts: Contact[] = [];
  /** Values that must not reach a log: logins, visits. */
  readonly secrets = new Set<string>();
  readonly visited = new Set<string>();

  constructor(private readonly whose: Whose) {}

  async watch(context: BrowserContext, state: string): Promise<void> {
    await context.exposeBinding('__stored', ({ frame }, kind: string, name: string, value: string) => {
      this.see(kind, name, frame.url(), state, value);
    });
    await context.addInitScript({ content: WRAP });
    const contact = (url: string, from: string) => {
      const at = new URL(url);
      if (!['http:', 'https:', 'ws:', 'wss:'].includes(at.protocol)) return;
      this.contacts.push({ host: at.host, path: at.pathname, pages: this.whose(from), state });
    };
    context.on('request', (request) => {
      let from = request.url();
      // A navigation is the new page's own; anything else is its page's.
      if (!request.isNavigationRequest())
        try {
          from = request.frame().url();
        } catch {
          /* a worker's: by its own address */
        }
      contact(request.url(), from);
    });
    context.on('page', (page) => page.on('websocket', (socket) => contact(socket.url(), page.url())));
  }

  private see(kind: string, name: string, url: string, state: string, value: string): void {
    this.storage.push({ kind, name, pages: this.whose(url), state });
    if (name === 'mc_token' && value) this.secrets.add(value);
    if (name === 'mc_session' && value) this.secrets.add(value.slice(0, 22));
  }

  /** Takes stock of a page, and returns the keys that it holds at this moment. */
  async look(page: Page, state: string): Promise<string[]> {
    this.visited.add(new URL(page.url()).pathname);
    const held = await page.evaluate(async () => ({
      localStorage: Object.entries(localStorage),
      sessionStorage: Object.entries(sessionStorage),
      indexedDB: (await indexedDB.databases()).map((d) => [d.name ?? '', '']),
      cache: globalThis.caches ? (await caches.keys()).map((name) => [name, '']) : [],
      serviceWorker: navigator.serviceWorker
        ? (await navigator.serviceWorker.getRegistrations()).map((r) => {
            const script = (r.active ?? r.waiting ?? r.installing)?.scriptURL ?? r.scope;
            return [new URL(script).pathname, ''];
          })
        : [],
    }));
    const cookies = (await page.context().cookies()).map((c) => [c.name, c.domain] as [string, string]);
    const keys: string[] = [];
    for (const [kind, entries] of Object.entries({ ...held, cookie: cookies })) {
      for (const [name, value] of entries as [string, string][]) {
        this.see(kind, name, page.url(), state, value);
        keys.push(`${kind} ${name}`);
      }
    }
    return keys.sort();
  }
}

// Text, because what a test compiler adds to functions is not there in a page.
const WRAP = `(() => {
  const tell = (kind, name, value = "") => globalThis.__stored(kind, String(name), String(value));
  const wrap = (holder, method, before) => {
    const was = holder[method];
    holder[method] = function (...given) { before.apply(this, given); return was.apply(this, given); };
  };
  wrap(Storage.prototype, "setItem", function (name, value) {
    tell(this === sessionStorage ? "sessionStorage" : "localStorage", name, value);
  });
  const cookie = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
  Object.defineProperty(Document.prototype, "cookie", {
    ...cookie,
    set(text) { tell("cookie", text.split("=")[0]); cookie.set.call(this, text); },
  });
  wrap(IDBFactory.prototype, "open", (name) => tell("indexedDB", name));
  // Only where the page is a secure context.
  if (globalThis.CacheStorage) wrap(CacheStorage.prototype, "open", (name) => tell("cache", name));
  if (globalThis.ServiceWorkerContainer)
    wrap(ServiceWorkerContainer.prototype, "register", (url) => tell("serviceWorker", url));
})()`;
