import type { Page } from 'playwright-core';
import type { Callback } from '../src/lib/api.gen';
import type { World } from './stand-in';
import { starter } from './stand-in/billing';

/** One page in one state. */
export interface View {
  name: string;
  path: string;
  /** Prepares the world; true for a view of somebody who is logged in. */
  given?: (world: World) => void;
  signedIn?: boolean;
  /** Brings the page into its state, and waits until it is. */
  act: (page: Page, world: World) => Promise<unknown>;
}

export const heading = (name: string | RegExp) => (page: Page) =>
  page.getByRole('heading', { name, exact: typeof name === 'string' }).waitFor();
export const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
export const broken = {
  status: 500,
  body: { type: 'urn:mi-connect:problem:internal', detail: 'Something went wrong on our side.', requestId: 'req-7f3a' },
};

export function busy(world: World, visits = 4204): void {
  const site = world.site('Acme Dental', ['https://acme.example', 'https://www.acme.example']);
  world.site('Harbour Physio', ['https://harbour-physio.example']);
  world.totals.set(site.id, {
    impressions: visits,
    opens: Math.round(visits / 10.5),
    submits: Math.round(visits / 45),
  });
  if (visits) world.filtered = { bot: 310, origin: 12 };
  world.callback(site, {
    name: 'Grace Hopper',
    at: new Date(Date.now() - 28_800_000).toISOString(),
    email: 'grace@navy.example',
    message: 'I have a question about the invoice from last week, and about the next appointment.',
  });
  world.callback(site, { name: 'Alan Turing', status: 'called' });
  world.callback(site, {
    name: 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh the Third',
    status: 'missed',
    department: 'Accounts',
  });
  for (let i = 0; i < 4; i++) world.callback(site);
}
export function signedUp(world: World): void {
  world.links.set('link', {
    id: 'u_9',
    email: 'grace@navy.example',
    password: '',
    name: 'Grace Hopper',
    company: 'Navy',
    verified: false,
  });
}
export function changing(world: World): void {
  world.change = {
    email: 'ada@new.example',
    approved: false,
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
}
export function paid(world: World): void {
  world.billing = starter();
  const bill = {
    number: 'MI-0001',
    status: 'paid' as const,
    total: 2280,
    tax: 380,
    at: '2026-11-07T10:00:00Z',
    page: 'https://stripe.example/i',
    pdf: 'https://stripe.example/i.pdf',
  };
  world.bills = { next: { ...bill, number: '', at: '2026-12-07T10:00:00Z' }, items: [bill] };
}
type Status = 'new' | 'called' | 'cancelled' | 'missed';
export const own =
  (status: Status, change: Partial<Callback> = {}) =>
  (world: World) => {
    const site = world.site('Acme Dental');
    world.callback(site, { name: 'Grace Hopper', status, at: status === 'new' ? soon(120) : null, ...change });
  };
/** So many minutes from now. */
export const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
export const REQUEST = '/request?token=own-cb_1';
export const SITE = '/app/sites/st_1';
