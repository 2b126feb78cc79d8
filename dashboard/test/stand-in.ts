import { randomBytes } from 'node:crypto';
import type {
  AlertTimes,
  Billing,
  Callback,
  Client,
  Count,
  Erasure,
  Invitation,
  InvoiceList,
  Member,
  NotificationChoice,
  OpeningHours,
  PushDevice,
  SavedDesign,
  Site,
  SiteComplaint,
} from '../src/lib/api.gen';
import { match } from '../src/lib/router';
import * as billing from './stand-in/billing';
import * as complaints from './stand-in/complaints';
import * as designs from './stand-in/designs';
import * as emailChange from './stand-in/email-change';
import * as hours from './stand-in/hours';
import * as inbox from './stand-in/inbox';
import * as login from './stand-in/login';
import * as people from './stand-in/people';
import * as privacy from './stand-in/privacy';
import {
  type Answer,
  type Asked,
  type Call,
  type Login,
  notFound,
  type Routes,
  refuse,
  type SignedCall,
  type SiteCall,
  type User,
} from './stand-in/routes';
import * as sites from './stand-in/sites';
import * as statistics from './stand-in/statistics';

const OPEN: Routes<Call> = {
  ...complaints.open,
  ...login.open,
  ...emailChange.open,
  ...inbox.open,
  ...privacy.open,
  ...hours.open,
};
const SIGNED_IN: Routes<SignedCall> = {
  ...login.signedIn,
  ...people.signedIn,
  ...billing.signedIn,
  ...sites.signedIn,
  ...inbox.signedIn,
  ...complaints.signedIn,
};
const OF_SITE: Routes<SiteCall> = {
  ...sites.ofSite,
  ...hours.ofSite,
  ...designs.ofSite,
  ...statistics.ofSite,
  ...inbox.ofSite,
  ...privacy.ofSite,
  ...complaints.ofSite,
};

/** A small API that keeps state and refuses as the real one does, for tests of the pages alone. */
export class World {
  origin = '';
  users: User[] = [];
  links = new Map<string, User>();
  sessions = new Map<string, Login>();
  pushDevices: PushDevice[] = [];
  sites: Site[] = [];
  callbacks = new Map<string, Callback[]>();
  /** Opening hours by site; a site without any takes calls at any time. */
  hours = new Map<string, OpeningHours>();
  /** Designs of sites' widgets. */
  designs = new Map<string, SavedDesign>();
  /** What the person chose to be told of a site's requests, and when. */
  alerts = new Map<string, NotificationChoice>();
  alertTimes: AlertTimes = { timeZone: '', dailyAt: '08:00', quiet: null };
  consents = new Map<string, 'given' | 'withdrawn'>();
  published: { version: string; at: string }[] = [];
  erasures: Erasure[] = [];
  /** What an erasure of several calls has erased until now. */
  erasing = 0;
  complaints: SiteComplaint[] = [];
  blocked = new Set<string>(); // requests whose numbers are not called any more
  /** Visits by site: what every day and hour shows. */
  totals = new Map<string, Count>();
  /** The same of every span that ended before today. */
  earlier: Count | undefined;
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
  billing: Billing = billing.freeOfCharge();
  /** A change of address that waits. */
  change: { email: string; approved: boolean; expiresAt: string } | null = null;
  bills: InvoiceList = { next: null, items: [] };

  /** As at the beginning. */
  reset(): void {
    Object.assign(this, new World(), { origin: this.origin });
  }

  token(user: User, life = login.LIFE, device = 'Firefox on Linux', given?: string): string {
    const now = new Date().toISOString();
    const ends = Math.floor(Date.now() / 1000 + life).toString(36);
    const text = given ?? `${user.id}.${randomBytes(32).toString('base64url')}.${ends}`;
    const id = `s${this.sessions.size + 1}`;
    this.sessions.set(text, { id, createdAt: now, lastSeenAt: now, device, current: false, user });
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
      paused: '',
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
      site: site.id,
      status: 'new',
      outcome: null,
      claim: null,
      assigned: null,
      tryAt: null,
      note: '',
      history: [],
      name: `Visitor ${list.length + 1}`,
      phone: '+447700900123',
      phoneShown: '+44 7700 900123',
      page: `${site.origins[0]}/pricing`,
      at: null,
      promise: null,
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
    const call = { ...asked, world: this };
    // A path that is spelt out comes before one with a name in it, as in the API.
    const open = `${asked.method} ${asked.path}` in SIGNED_IN ? undefined : routed(OPEN, asked);
    if (open) return open.answer({ ...call, params: open.params });

    const user = this.sessions.get(asked.bearer)?.user;
    if (!user) return refuse(401, 'not-signed-in', 'Log in to continue.');
    const signedIn = routed(SIGNED_IN, asked);
    if (signedIn) return signedIn.answer({ ...call, params: signedIn.params, user });

    const ofSite = routed(OF_SITE, asked);
    const site = this.sites.find((one) => one.id === ofSite?.params.id);
    return ofSite && site ? ofSite.answer({ ...call, params: ofSite.params, user, site }) : notFound();
  }
}

function routed<C>(routes: Routes<C>, { method, path }: Asked) {
  for (const [route, answer] of Object.entries(routes)) {
    const [verb, pattern] = route.split(' ') as [string, string];
    const params = verb === method ? match(pattern.replaceAll(/\{(\w+)\}/g, ':$1'), path) : null;
    if (params) return { answer, params };
  }
  return undefined;
}
