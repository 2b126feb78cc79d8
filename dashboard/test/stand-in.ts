import { randomBytes } from 'node:crypto';
import { manifest } from '../../shared/policy/build.mjs';
import type {
  Billing,
  Callback,
  Client,
  Count,
  Erasure,
  Invitation,
  InvoiceList,
  Member,
  SeriesEntry,
  Session,
  Site,
  Statistics,
} from '../src/lib/api.gen';

// A small API that keeps state and refuses as the real one does, for tests of the pages alone.

const LIFE = 7 * 24 * 3600;

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  bearer: string;
  body: Record<string, unknown>;
}

interface User {
  id: string;
  email: string;
  password: string;
  name: string;
  company: string;
  verified: boolean;
}

const refuse = (
  status: number,
  code: string,
  detail: string,
  errors?: { field: string; message: string }[],
  headers?: Record<string, string>,
): Answer => ({
  status,
  body: {
    type: `urn:mi-connect:problem:${code}`,
    title: code,
    status,
    detail,
    requestId: 'req-7f3a',
    ...(errors && { errors }),
  },
  headers: { 'content-type': 'application/problem+json', ...headers },
});

const plan = (
  id: Billing['plan']['id'],
  name: string,
  rank: number,
  month: number,
  sites: number,
  members: number,
  callbacks: number,
  keepDays: number,
  clients = 0,
) => ({
  id,
  name,
  rank,
  month,
  year: month * 10,
  clientMonth: clients && 900,
  clientYear: clients && 9000,
  limits: { sites, members, callbacks, keepDays, clients, api: rank > 1 },
});
const PLANS = [
  plan('free', 'Free', 0, 0, 1, 1, 30, 30),
  plan('starter', 'Starter', 1, 1900, 3, 3, 300, 90),
  plan('business', 'Business', 2, 4900, 10, 10, 2000, 365),
  plan('agency', 'Agency', 3, 14_900, 50, 25, 10_000, 365, 10),
];

const freeOfCharge = (): Billing => ({
  plan: PLANS[0]!,
  limits: PLANS[0]!.limits,
  access: 'full',
  notice: '',
  subscription: null,
  trialDays: 14,
  usage: { sites: 1, members: 1, clients: 0, callbacks: 41 },
  mayPay: true,
  closingAt: null,
  plans: PLANS,
});

/** A page of a list, whose cursor is how many came before. */
const paged = <T>(all: T[], size: number, cursor: unknown): { items: T[]; next: string | null } => {
  const from = Number(cursor || 0);
  return { items: all.slice(from, from + size), next: from + size < all.length ? String(from + size) : null };
};

/** A Starter plan that is paid for. */
export const starter = (): Billing => ({
  ...freeOfCharge(),
  plan: PLANS[1]!,
  limits: PLANS[1]!.limits,
  trialDays: 0,
  subscription: {
    status: 'active',
    plan: 'starter',
    interval: 'month',
    clients: 1,
    periodEnd: '2026-12-07T10:00:00Z',
    trialEnd: null,
    endsAt: null,
    endedAt: null,
    hasCard: true,
    duplicates: 0,
    pause: null,
  },
});

export class World {
  origin = '';
  users: User[] = [];
  links = new Map<string, User>();
  sessions = new Map<string, Session & { user: User }>();
  sites: Site[] = [];
  callbacks = new Map<string, Callback[]>();
  consents = new Map<string, 'given' | 'withdrawn'>();
  published: { version: string; at: string }[] = [];
  erasures: Erasure[] = [];
  private erasing = 0;
  /** Visits by site: what every day and hour shows. */
  totals = new Map<string, Count>();
  filtered: Record<string, number> = {};
  /** Pages beside the usual ones, and what of a name may be missing. */
  morePages: string[] = [];
  uncertain: Record<string, number> = {};
  accounts: { id: string; name: string; role: string; agency?: string }[] = [];
  /** Where the person is: their own account as its owner, as another member, in none. */
  place: 'owner' | 'member' | 'none' = 'owner';
  /** A second factor is asked for. */
  factor = false;
  members: Member[] = [];
  invitations: Invitation[] = [];
  clients: Client[] = [];
  /** Answers given once instead of the usual one, by "METHOD path". */
  planned = new Map<string, Answer | 'hang' | 'drop'>();
  log: string[] = [];
  billing: Billing = freeOfCharge();
  /** A change of address that waits; the link that approves it is "approve". */
  change: { email: string; approved: boolean; expiresAt: string } | null = null;
  bills: InvoiceList = { next: null, items: [] };

  /** As at the beginning. */
  reset(): void {
    Object.assign(this, new World(), { origin: this.origin });
  }

  token(user: User, life = LIFE, device = 'Firefox on Linux', given?: string): string {
    const now = new Date().toISOString();
    const text =
      given ??
      `${user.id}.${randomBytes(32).toString('base64url')}.${Math.floor(Date.now() / 1000 + life).toString(36)}`;
    this.sessions.set(text, {
      id: `s${this.sessions.size + 1}`,
      createdAt: now,
      lastSeenAt: now,
      device,
      current: false,
      user,
    });
    return text;
  }

  user(email: string, password = 'correct horse'): User {
    const user = {
      id: `u_${this.users.length + 1}`,
      email,
      password,
      name: 'Ada Lovelace',
      company: 'Acme Dental',
      verified: true,
    };
    this.users.push(user);
    return user;
  }

  site(name: string, origins = ['https://acme.example']): Site {
    const n = this.sites.length + 1;
    const key = `pk_${String(n).padStart(8, '0')}`;
    const site: Site = {
      id: `st_${n}`,
      key,
      name,
      origins,
      timeZone: 'Europe/London',
      retentionDays: 90,
      snippet: `<script async src="${this.origin}/widget.js" data-site="${key}"></script>`,
      createdAt: new Date().toISOString(),
    };
    this.sites.push(site);
    this.callbacks.set(site.id, []);
    this.totals.set(site.id, { impressions: 0, opens: 0, submits: 0 });
    return site;
  }

  callback(site: Site, wanted: Partial<Callback> = {}): Callback {
    const list = this.callbacks.get(site.id)!;
    const when = new Date(Date.now() - list.length * 3_600_000).toISOString();
    const item: Callback = {
      id: `cb_${list.length + 1}`,
      status: 'new',
      name: `Visitor ${list.length + 1}`,
      phone: '+447700900123',
      page: `${site.origins[0]}/pricing`,
      at: null,
      department: '',
      email: '',
      message: '',
      createdAt: when,
      updatedAt: when,
      ...wanted,
    };
    list.push(item);
    return item;
  }

  answer(asked: Asked): Answer {
    const { method, path, body, bearer } = asked;
    const route = `${method} ${path}`;
    if (route === 'POST /v1/register') return this.register(body);
    if (path.startsWith('/v1/verify')) return this.verify(path, body);
    if (path.startsWith('/v1/email')) return this.email(method, path, body);
    if (route === 'POST /v1/login') {
      const user = this.users.find((one) => one.email === String(body.email).toLowerCase() && one.verified);
      if (!user || user.password !== body.password) return refuse(401, 'login-refused', 'Wrong email or password.');
      return this.signed(user);
    }
    if (route === 'POST /v1/consent') {
      if (body.revision !== manifest.history.at(-1).revision)
        return refuse(400, 'invalid', 'Some fields are invalid.', [{ field: 'revision', message: 'Unknown.' }]);
      const id = `r_${String(this.consents.size + 1).padStart(8, '0')}`;
      this.consents.set(id, 'given');
      return { status: 201, body: { id, ...body, at: new Date().toISOString() } };
    }
    if (method === 'DELETE' && path.startsWith('/v1/consent/'))
      return this.consents.set(path.slice('/v1/consent/'.length), 'withdrawn') && { status: 204 };
    if (route === 'POST /v1/complaints/confirm') return { status: 204 };
    if (route === 'POST /v1/complaints') {
      if (!String(body.email).includes('@'))
        return refuse(400, 'invalid', 'Some fields are invalid.', [
          { field: 'email', message: 'Enter a valid email address.' },
        ]);
      return { status: 202, body: { id: 'd_00000001' } };
    }
    if (path.startsWith('/v1/callbacks/'))
      return this.own(method, decodeURIComponent(path.slice('/v1/callbacks/'.length)), body);

    const session = this.sessions.get(bearer);
    if (!session) return refuse(401, 'not-signed-in', 'Log in to continue.');
    if (route === 'POST /v1/logout') return { status: this.sessions.delete(bearer) ? 204 : 401 };
    if (route === 'PATCH /v1/me') {
      if (!String(body.name ?? '').trim())
        return refuse(400, 'invalid', 'Some fields are invalid.', [{ field: 'name', message: 'Required.' }]);
      session.user.name = String(body.name).trim();
      return { status: 204 };
    }
    if (route === 'GET /v1/me') {
      const { user } = session;
      if (this.place === 'none') {
        return {
          status: 200,
          body: {
            user: { id: user.id, email: user.email, name: user.name, deletesAt: '2026-12-27T10:00:00Z' },
            account: null,
            role: '',
            plan: { id: 'free', name: 'Free' },
            accounts: [],
          },
        };
      }
      const own = { id: 'a_1', name: user.company, role: this.place === 'owner' ? 'owner' : 'agent' };
      return {
        status: 200,
        body: {
          user: { id: user.id, email: user.email, name: user.name },
          account: own,
          role: own.role,
          plan: { id: 'free', name: 'Free' },
          accounts: [own, ...this.accounts],
        },
      };
    }
    const people = this.people(method, path, body, session.user, bearer);
    if (people) return people;
    if (path === '/v1/billing' || path === '/v1/billing/refresh') return { status: 200, body: this.billing };
    if (route === 'GET /v1/billing/invoices') return { status: 200, body: this.bills };
    if (route === 'POST /v1/billing/preview')
      return {
        status: 200,
        body: {
          now: 1318,
          tax: 220,
          next: 4900,
          nextAt: '2026-12-07T10:00:00Z',
          at: '2026-11-23T10:00:00Z',
          over: ['members'],
        },
      };
    if (path.startsWith('/v1/billing/'))
      return refuse(409, 'not-subscribed', "You don't have a subscription. Choose a plan first.");
    if (path === '/v1/sessions' || path.startsWith('/v1/sessions/')) return this.devices(method, path, bearer);
    if (route === 'GET /v1/sites') return { status: 200, body: { sites: this.sites } };
    if (route === 'POST /v1/sites') {
      const wrong = this.siteProblems(body, ['name', 'origins', 'timeZone']);
      if (wrong) return wrong;
      const site = this.site(String(body.name), body.origins as string[]);
      if (body.timeZone) site.timeZone = String(body.timeZone);
      return { status: 201, body: site };
    }
    const [, id, rest = ''] = /^\/v1\/sites\/([^/]+)(.*)$/.exec(path) ?? [];
    const site = this.sites.find((one) => one.id === id);
    if (!site) return refuse(404, 'not-found', 'Not found.');
    if (rest === '') return this.oneSite(method, site, body);
    if (rest === '/stats') return { status: 200, body: this.stats(site, asked.query) };
    if (['/notice', '/export', '/erase', '/erasures'].includes(rest))
      return this.privacy(method, site, rest, body, asked.query);
    return this.inbox(method, site, rest, asked);
  }

  /** Members, clients and the person's own login. */
  private people(
    method: string,
    path: string,
    body: Record<string, unknown>,
    user: User,
    bearer: string,
  ): Answer | null {
    const lastOwner = () =>
      refuse(
        409,
        'last-owner',
        `You are the only owner of ${user.company}. Make someone else an owner first, or close the account: the logins of its members who are in no other account are deleted with it.`,
      );
    if (path === '/v1/factors')
      return {
        status: 200,
        body: { totp: this.factor, recoveryCodes: this.factor ? 10 : 0, passkeys: [], recoveryAt: null },
      };
    if (path === '/v1/members') return { status: 200, body: { members: this.members } };
    if (path === '/v1/invitations') return { status: 200, body: { invitations: this.invitations } };
    if (path === '/v1/clients') return { status: 200, body: { clients: this.clients, invitations: [] } };
    if (path === '/v1/agencies') return { status: 200, body: { agencies: [] } };
    if (method === 'DELETE' && path.startsWith('/v1/clients/'))
      return { status: 200, body: { closingAt: '2026-12-27T10:00:00Z' } };
    if (method === 'DELETE' && path === '/v1/members/me') {
      if (this.place === 'owner') return lastOwner();
      this.place = 'none';
      return { status: 204 };
    }
    if (method === 'DELETE' && path === '/v1/me') {
      const invalid = (field: string, message: string) =>
        refuse(400, 'invalid', 'Some fields are invalid.', [{ field, message }]);
      if (body.password !== user.password) return invalid('password', 'Wrong password.');
      if (this.factor && body.code !== '123456') return invalid('code', 'This code is wrong or has already been used.');
      if (this.place === 'owner') return lastOwner();
      this.sessions.delete(bearer);
      return { status: 204 };
    }
    return null;
  }

  private privacy(
    method: string,
    site: Site,
    rest: string,
    body: Record<string, unknown>,
    query: URLSearchParams,
  ): Answer {
    if (rest === '/erasures') return { status: 200, body: paged(this.erasures, 50, query.get('cursor')) };
    if (rest === '/notice') {
      if (method === 'POST') this.published.unshift({ version: String(body.version), at: new Date().toISOString() });
      const version = 'v2';
      const notices = [
        {
          language: 'en',
          text: 'Callback button: it keeps mc_session.',
          html: '<section lang="en"><p>It keeps mc_session.</p></section>',
        },
      ];
      return {
        status: 200,
        body: { version, notices, published: this.published, current: this.published[0]?.version === version },
      };
    }
    const list = this.callbacks.get(site.id)!;
    const digits = (text: unknown) =>
      String(text ?? '')
        .replace(/\D/g, '')
        .replace(/^0/, '44');
    if (body.phone !== undefined && digits(body.phone).length < 11)
      return refuse(400, 'invalid', 'Some fields are invalid.', [
        { field: 'phone', message: 'This is not a complete phone number.' },
      ]);
    const mine = list.filter((item) =>
      body.phone !== undefined ? digits(item.phone) === digits(body.phone) : item.email === body.email,
    );
    if (rest === '/export') {
      const page = paged(mine, 100, body.cursor);
      return {
        status: 200,
        body: {
          site: site.id,
          siteName: site.name,
          exportedAt: new Date().toISOString(),
          ...page,
          items: page.items.map((item) => ({ ...item, expiresAt: item.createdAt })),
        },
      };
    }
    // As much as one call does; the receipt comes with the last.
    const part = mine.slice(0, 1000);
    this.callbacks.set(
      site.id,
      list.filter((item) => !part.includes(item)),
    );
    this.erasing += part.length;
    const [erased, more] = [this.erasing, part.length < mine.length];
    if (!more) {
      this.erasing = 0;
      if (erased)
        this.erasures.unshift({
          id: `r_${this.erasures.length}`,
          via: body.phone ? 'phone' : 'email',
          count: erased,
          at: new Date().toISOString(),
        });
    }
    return { status: 200, body: { erased, more, receipt: more || !erased ? null : this.erasures[0] } };
  }

  private register(body: Record<string, unknown>): Answer {
    const errors: { field: string; message: string }[] = [];
    if (String(body.email).endsWith('@blocked.example'))
      errors.push({ field: 'email', message: 'Enter a valid email address.' });
    if (errors.length) return refuse(400, 'invalid', 'Some fields are invalid.', errors);
    const user = {
      id: `u_${this.users.length + 1}`,
      email: String(body.email).toLowerCase(),
      password: '',
      name: String(body.name),
      company: String(body.company),
      verified: false,
    };
    this.users.push(user);
    this.links.set(`link-${this.users.length}`, user);
    return { status: 202, body: {} };
  }

  private verify(path: string, body: Record<string, unknown>): Answer {
    const user = this.links.get(String(body.token));
    if (!user)
      return refuse(
        400,
        'link-invalid',
        'This link has expired, has already been used or is incomplete. Request a new one.',
      );
    if (path.endsWith('/open'))
      return {
        status: 200,
        body: {
          email: user.email,
          name: user.name,
          company: user.company,
          expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
        },
      };
    if (String(body.password).toLowerCase() === 'password') {
      return refuse(400, 'invalid', 'Some fields are invalid.', [
        { field: 'password', message: 'This password is too common.' },
      ]);
    }
    this.links.delete(String(body.token));
    Object.assign(user, {
      verified: true,
      password: String(body.password),
      name: String(body.name),
      company: String(body.company),
    });
    return this.signed(user);
  }

  private email(method: string, path: string, body: Record<string, unknown>): Answer {
    const gone = refuse(
      400,
      'link-invalid',
      'This link has expired, has already been used or is incomplete. Request a new one.',
    );
    if (path === '/v1/email' && method === 'GET')
      return { status: 200, body: { email: this.users[0]!.email, pending: this.change } };
    if (path === '/v1/email' && method === 'DELETE')
      return this.change ? ((this.change = null), { status: 204 }) : refuse(404, 'not-found', 'Not found.');
    if (!this.change || body.token !== 'approve') return gone;
    if (path.endsWith('/open'))
      return {
        status: 200,
        body: { from: this.users[0]!.email, to: this.change.email, expiresAt: this.change.expiresAt },
      };
    if (path.endsWith('/cancel')) return ((this.change = null), { status: 204 });
    this.change.approved = true;
    return { status: 202, body: {} };
  }

  private signed(user: User): Answer {
    return {
      status: 200,
      body: { token: this.token(user), expiresAt: new Date(Date.now() + LIFE * 1000).toISOString() },
    };
  }

  private siteProblems(body: Record<string, unknown>, known: string[]): Answer | null {
    const unknown = Object.keys(body).find((name) => !known.includes(name));
    if (unknown)
      return refuse(400, 'invalid', 'Some fields are invalid.', [{ field: unknown, message: 'Unknown field.' }]);
    const bad = (body.origins as string[]).findIndex((origin) => origin.includes('refused'));
    if (bad >= 0)
      return refuse(400, 'invalid', 'Some fields are invalid.', [
        { field: `origins[${bad}]`, message: 'This address is not accepted.' },
      ]);
    return null;
  }

  private oneSite(method: string, site: Site, body: Record<string, unknown>): Answer {
    if (method === 'GET') return { status: 200, body: site };
    if (method === 'DELETE') {
      this.sites = this.sites.filter((other) => other !== site);
      return { status: 204 };
    }
    const wrong = this.siteProblems(body, ['name', 'origins', 'timeZone', 'retentionDays']);
    if (wrong) return wrong;
    Object.assign(site, body);
    return { status: 200, body: site };
  }

  private devices(method: string, path: string, bearer: string): Answer {
    const all = [...this.sessions].map(([token, { user: _, ...session }]) => ({
      ...session,
      current: token === bearer,
    }));
    if (method === 'GET') return { status: 200, body: { sessions: all } };
    for (const [token, session] of this.sessions) {
      if (path === '/v1/sessions' ? token !== bearer : path.endsWith(`/${session.id}`)) this.sessions.delete(token);
    }
    return { status: 204 };
  }

  private stats(site: Site, query: URLSearchParams): Statistics {
    const by = (query.get('by') ?? 'day') as Statistics['by'];
    const to = query.get('to') ?? new Date().toISOString().slice(0, 10);
    const from = query.get('from') ?? new Date(Date.parse(to) - 29 * 86_400_000).toISOString().slice(0, 10);
    const totals = this.totals.get(site.id)!;
    const names = {
      page: ['/', '/pricing', '/contact', '/treatments/implants-and-bridges-in-one-visit', ...this.morePages, 'other'],
      source: ['direct', 'google.com', 'newsletter', 'bing.com'],
      device: ['phone', 'desktop', 'tablet'],
    };
    const divided = (list: string[]) =>
      (totals.impressions
        ? spread(
            list,
            list.map((_, i) => 1 / (i + 1)),
            totals,
          )
        : []
      ).map((slot) => (this.uncertain[slot.key] ? { ...slot, uncertainty: this.uncertain[slot.key] } : slot));
    const keys: string[] = [];
    if (by === 'day')
      for (let t = Date.parse(from); t <= Date.parse(to); t += 86_400_000)
        keys.push(new Date(t).toISOString().slice(0, 10));
    if (by === 'hour') for (let h = 0; h < 24; h++) keys.push(`${to}T${String(h).padStart(2, '0')}`);
    const weights = keys.map(
      (_, i) => 6 + 4 * Math.sin(i * 1.3) + 3 * Math.sin(i / 4) + (by === 'hour' && (i < 7 || i > 20) ? -12 : 0),
    );
    const series =
      by === 'page' || by === 'source' || by === 'device'
        ? divided(names[by])
        : spread(
            keys,
            weights.map((w) => Math.max(0, w)),
            totals,
          );
    const { impressions, opens, submits } = totals;
    const rate = (n: number, of: number) => (of ? n / of : null);
    const total = Object.values(this.filtered).reduce((sum, n) => sum + n, 0);
    return {
      site: site.id,
      timeZone: site.timeZone,
      from,
      to,
      by,
      totals,
      rates: { open: rate(opens, impressions), submit: rate(submits, opens), overall: rate(submits, impressions) },
      enough: impressions >= 30,
      series,
      filtered: { total, reasons: this.filtered },
      breakdowns: { page: divided(names.page), source: divided(names.source), device: divided(names.device) },
    };
  }

  private inbox(method: string, site: Site, rest: string, asked: Asked): Answer {
    const list = this.callbacks.get(site.id)!;
    if (method === 'GET') {
      const status = asked.query.get('status');
      const some = list
        .filter((item) => !status || item.status === status)
        .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
      const start = Number(asked.query.get('cursor') ?? 0);
      return {
        status: 200,
        body: { items: some.slice(start, start + 5), next: some.length > start + 5 ? String(start + 5) : null },
      };
    }
    const item = list.find((one) => rest === `/callbacks/${one.id}`);
    if (!item) return refuse(404, 'not-found', 'Not found.');
    item.status = asked.body.status as Callback['status'];
    item.updatedAt = new Date().toISOString();
    return { status: 200, body: item };
  }

  private own(method: string, token: string, body: Record<string, unknown>): Answer {
    for (const [id, list] of this.callbacks) {
      const item = list.find((one) => `own-${one.id}` === token);
      if (!item) continue;
      if (method === 'DELETE') {
        this.callbacks.set(
          id,
          list.filter((other) => other !== item),
        );
        return { status: 204 };
      }
      if (method === 'PATCH') {
        if (item.status === 'called')
          return refuse(
            409,
            'already-done',
            "This request has already been dealt with and can't be changed. You can still erase it.",
          );
        if (typeof body.at === 'string') {
          if (Date.parse(body.at) < Date.now())
            return refuse(400, 'invalid', 'Some fields are invalid.', [
              { field: 'at', message: 'This time has passed.' },
            ]);
          item.at = body.at;
        }
        if (body.status === 'cancelled') item.status = 'cancelled';
      }
      const site = this.sites.find((one) => one.id === id)!;
      return {
        status: 200,
        body: {
          id: item.id,
          status: item.status,
          site: site.name,
          name: item.name,
          phone: '+44 ••• 123',
          at: item.at,
          createdAt: item.createdAt,
        },
      };
    }
    return refuse(404, 'not-found', 'Not found.');
  }
}

/** Divides totals over keys by weight, whole and adding up. */
function spread(keys: string[], weights: number[], totals: Count): SeriesEntry[] {
  const all = weights.reduce((sum, w) => sum + w, 0) || 1;
  const part = (n: number) => {
    let seen = 0;
    let given = 0;
    return weights.map((w) => {
      seen += w;
      const upTo = Math.round((n * seen) / all);
      const mine = upTo - given;
      given = upTo;
      return mine;
    });
  };
  const [a, b, c] = [part(totals.impressions), part(totals.opens), part(totals.submits)];
  return keys.map((key, i) => ({ key, impressions: a[i]!, opens: b[i]!, submits: c[i]! }));
}
