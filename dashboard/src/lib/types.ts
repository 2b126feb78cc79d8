// What the API sends and takes. Names are the API's own.

export interface Me {
  user: {
    id: string;
    email: string;
    name: string;
    secondFactor: boolean;
    /** When the login of a person goes who is in no account. */
    deletesAt?: string;
  };
  /** Null for a person who is in no account any more. */
  account: { id: string; name: string; closingAt?: string; requiresSecondFactor?: boolean } | null;
  role: string;
  plan: { id: string; name: string };
  billing?: { access: Access; notice: BillingNotice; paidBy?: string };
  /** Clients of an agency come with its name. */
  accounts: { id: string; name: string; role: string; agency?: string }[];
  /** Nothing of the account can be used until the person adds a second factor. */
  lacksSecondFactor: boolean;
}

export interface Site {
  id: string;
  key: string;
  name: string;
  origins: string[];
  timeZone: string;
  retentionDays: number;
  snippet: string;
  createdAt: string;
}

export interface Counts {
  impressions: number;
  opens: number;
  submits: number;
}

export interface Slot extends Counts {
  key: string;
  /** At most so many more visits than given, step by step; they are counted in `other`. */
  uncertainty?: number;
}

export type By = 'day' | 'hour' | 'page' | 'source' | 'device';

export interface Stats {
  site: string;
  timeZone: string;
  from: string;
  to: string;
  by: By;
  totals: Counts;
  rates: { open: number | null; submit: number | null; overall: number | null };
  /** false: too few visits to judge a rate by. */
  enough: boolean;
  series: Slot[];
  filtered: { total: number; reasons: Record<string, number> };
  breakdowns: { page: Slot[]; source: Slot[]; device: Slot[] };
}

export type Status = 'new' | 'called' | 'missed' | 'cancelled';

export interface Callback {
  id: string;
  status: Status;
  name: string;
  phone: string;
  email?: string;
  department?: string;
  message?: string;
  /** The wanted time; nothing means as soon as possible. */
  at?: string | null;
  page: string;
  createdAt: string;
  updatedAt: string;
}

export interface Inbox {
  items: Callback[];
  next: string | null;
}

export interface Session {
  id: string;
  createdAt: string;
  lastSeenAt: string;
  device: string;
  current: boolean;
}

/** A visitor's own request, as their private link shows it. */
export interface OwnRequest {
  id: string;
  status: Status;
  site: string;
  name: string;
  phone: string;
  at?: string | null;
  createdAt: string;
}

export interface Signed {
  token: string;
  expiresAt: string;
}

/** What a business should say in its own notice, and what it has confirmed to have published. */
export interface SiteNotice {
  version: string;
  notices: { language: string; text: string; html: string }[];
  published: { version: string; at: string }[];
  current: boolean;
}

export interface ErasureReceipt {
  id: string;
  via: 'link' | 'phone' | 'email';
  count: number;
  at: string;
}

/** All that is kept of one visitor at one site. */
export interface VisitorExport {
  site: string;
  siteName: string;
  exportedAt: string;
  items: (Callback & { expiresAt: string })[];
  /** Of the page that follows; null on the last. */
  next: string | null;
}

/** A person's address, and a change of it that waits. */
export interface Address {
  email: string;
  pending: { email: string; approved: boolean; expiresAt: string } | null;
}

export interface Factors {
  totp: boolean;
  totpLost: boolean;
  recoveryCodes: number;
  passkeys: { id: string; name: string; createdAt: string; lastUsedAt: string | null }[];
  recoveryAt: string | null;
}

export type Role = 'viewer' | 'agent' | 'admin' | 'owner';
export type Payer = 'agency' | 'client';

export interface Member {
  id: string;
  name: string;
  email: string;
  role: Role;
  since: string;
  secondFactor: boolean;
  you: boolean;
}
export interface Invitation {
  id: string;
  email: string;
  role: Role;
  by: string;
  createdAt: string;
  expiresAt: string;
}
export interface Client {
  id: string;
  name: string;
  payer: Payer;
  since: string;
}
export interface ClientInvitation {
  id: string;
  email: string;
  payer: Payer;
  by: string;
  createdAt: string;
  expiresAt: string;
}
export interface AuditEntry {
  id: string;
  at: string;
  action: string;
  actor?: string;
  name: string;
  target: string;
  place: string;
  device: string;
}

export type Access = 'full' | 'read-only' | 'paused';
export type BillingNotice = '' | 'trial-ending' | 'payment-failed' | 'action-needed' | 'ended';
export type Interval = 'month' | 'year';

export interface Limits {
  sites: number;
  members: number;
  callbacks: number;
  keepDays: number;
  clients: number;
  api: boolean;
}

/** Amounts are whole pence, without VAT. */
export interface Plan {
  id: string;
  name: string;
  rank: number;
  month: number;
  year: number;
  clientMonth: number;
  clientYear: number;
  limits: Limits;
}

export interface Subscription {
  status: 'incomplete' | 'incomplete_expired' | 'trialing' | 'active' | 'past_due' | 'unpaid' | 'paused' | 'canceled';
  plan: string;
  interval: Interval;
  clients: number;
  periodEnd: string | null;
  trialEnd: string | null;
  endsAt: string | null;
  endedAt: string | null;
  hasCard: boolean;
  duplicates: number;
  /** No payments are taken for a while; the plan stays. */
  pause: { until: string | null; later: boolean } | null;
}

export interface Billing {
  plan: Plan;
  limits: Limits;
  access: Access;
  notice: BillingNotice;
  subscription: Subscription | null;
  trialDays: number;
  usage: { sites: number; members: number; clients: number; callbacks: number };
  /** The agency that pays for this account. */
  paidBy?: string;
  mayPay: boolean;
  /** When a closed account's data are deleted. */
  closingAt: string | null;
  plans: Plan[];
}

export interface Bill {
  number: string;
  status: 'draft' | 'open' | 'paid' | 'uncollectible' | 'void';
  total: number;
  tax: number;
  at: string;
  page: string;
  pdf: string;
}

export interface Bills {
  next: Bill | null;
  items: Bill[];
}

export interface Quote {
  now: number;
  tax: number;
  next: number;
  nextAt: string;
  at: string;
  over: ('sites' | 'members' | 'callbacks')[];
}
