import type { Page } from 'playwright-core';
import { starter, type World } from './stand-in';

// Every page in every state that a person can meet, for the tests that hold for all of them.
export interface View {
  name: string;
  path: string;
  /** Prepares the world; true for a view of somebody who is logged in. */
  given?: (world: World) => void;
  signedIn?: boolean;
  /** Brings the page into its state, and waits until it is. */
  act: (page: Page) => Promise<unknown>;
}

const heading = (name: string | RegExp) => (page: Page) => page.getByRole('heading', { name, exact: typeof name === 'string' }).waitFor();
const text = (words: string | RegExp) => (page: Page) => page.getByText(words).first().waitFor();
const broken = { status: 500, body: { type: 'urn:mi-connect:problem:internal', detail: 'Something went wrong on our side.', requestId: 'req-7f3a' } };

function busy(world: World, visits = 4204): void {
  const site = world.site('Acme Dental', ['https://acme.example', 'https://www.acme.example']);
  world.site('Harbour Physio', ['https://harbour-physio.example']);
  world.totals.set(site.id, { impressions: visits, opens: Math.round(visits / 10.5), submits: Math.round(visits / 45) });
  if (visits) world.filtered = { bot: 310, origin: 12 };
  world.callback(site, { name: 'Grace Hopper', at: new Date(Date.now() + 7_200_000).toISOString(), email: 'grace@navy.example', message: 'I have a question about the invoice from last week, and about the next appointment.' });
  world.callback(site, { name: 'Alan Turing', status: 'called' });
  world.callback(site, { name: 'Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh the Third', status: 'missed', department: 'Accounts' });
  for (let i = 0; i < 4; i++) world.callback(site);
}
function signedUp(world: World): void {
  world.links.set('link', { id: 'u_9', email: 'grace@navy.example', password: '', name: 'Grace Hopper', company: 'Navy', verified: false });
}
function changing(world: World): void {
  world.change = { email: 'ada@new.example', approved: false, expiresAt: new Date(Date.now() + 86_400_000).toISOString() };
}
function paid(world: World): void {
  world.billing = starter();
  const bill = { number: 'MI-0001', status: 'paid' as const, total: 2280, tax: 380, at: '2026-11-07T10:00:00Z', page: 'https://stripe.example/i', pdf: 'https://stripe.example/i.pdf' };
  world.bills = { next: { ...bill, number: '', at: '2026-12-07T10:00:00Z' }, items: [bill] };
}
const own = (status: 'new' | 'called' | 'cancelled' | 'missed') => (world: World) => {
  const site = world.site('Acme Dental');
  world.callback(site, { name: 'Grace Hopper', status, at: status === 'new' ? new Date(Date.now() + 7_200_000).toISOString() : null });
};
const REQUEST = '/request?token=own-cb_1';
const SITE = '/app/sites/st_1';

export const VIEWS: View[] = [
  { name: 'home', path: '/', act: heading('The call you would have missed.') },
  { name: 'home-yearly', path: '/', act: async (page) => { await page.getByRole('radio', { name: 'Yearly, two months free' }).check(); await text('£490')(page); } },
  { name: 'register', path: '/register', act: heading('Create your account') },
  { name: 'register-errors', path: '/register', act: async (page) => { await page.getByRole('button', { name: 'Create account' }).click(); await page.getByRole('alert').waitFor(); } },
  {
    name: 'register-sent', path: '/register',
    act: async (page) => {
      await page.getByLabel('Name').fill('Ada');
      await page.getByLabel('Company').fill('Acme');
      await page.getByLabel('E-mail').fill('ada.with.a.rather.long.address@subdomain.of-a-company.example');
      await page.getByRole('button', { name: 'Create account' }).click();
      await heading('Check your mail')(page);
    },
  },
  { name: 'verify', path: '/verify?token=link', given: signedUp, act: heading('Choose your password') },
  { name: 'verify-errors', path: '/verify?token=link', given: signedUp, act: async (page) => { await page.getByRole('button', { name: 'Open my account' }).click(); await page.getByRole('alert').waitFor(); } },
  { name: 'verify-other-login', path: '/verify?token=link', signedIn: true, given: signedUp, act: heading('You are logged in already') },
  { name: 'login-link-other-login', path: '/login/link?token=x', signedIn: true, act: heading('You are logged in already') },
  { name: 'email-change', path: '/email/change?token=approve', given: changing, act: heading('Change your email address?') },
  { name: 'email-change-approved', path: '/email/change?token=approve', given: changing, act: async (page) => { await page.getByRole('button', { name: 'Approve the change' }).click(); await heading('Approved')(page); } },
  { name: 'email-change-cancelled', path: '/email/change?token=approve', given: changing, act: async (page) => { await page.getByRole('button', { name: /cancel it/ }).click(); await heading('The change is cancelled')(page); } },
  { name: 'reset', path: '/reset?token=x', act: heading('Set a new password') },
  { name: 'verify-invalid', path: '/verify?token=old', act: heading('This link does not work any more') },
  { name: 'verify-failed', path: '/verify?token=x', given: (world) => world.planned.set('POST /v1/verify/open', broken), act: heading('This could not be loaded') },
  { name: 'complaint-confirm', path: '/complaint?token=x', act: heading('Confirm your complaint') },
  { name: 'login', path: '/login', act: heading('Log in') },
  {
    name: 'login-refused', path: '/login',
    act: async (page) => {
      await page.getByLabel('E-mail').fill('ada@acme.example');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Log in' }).click();
      await text('E-mail or password is wrong.')(page);
    },
  },
  { name: 'sites-empty', path: '/app', signedIn: true, act: heading('Add your first site') },
  { name: 'sites', path: '/app', signedIn: true, given: busy, act: heading('Harbour Physio') },
  { name: 'sites-loading', path: '/app', signedIn: true, given: (world) => world.planned.set('GET /v1/sites', 'hang'), act: async (page) => { await page.locator('.loading').waitFor(); await page.waitForTimeout(500); } },
  { name: 'sites-failed', path: '/app', signedIn: true, given: (world) => world.planned.set('GET /v1/sites', broken), act: heading('This could not be loaded') },
  { name: 'account-menu', path: '/app', signedIn: true, given: (world) => { busy(world); world.accounts = [{ id: 'a_2', name: 'Harbour Physio', role: 'admin' }]; }, act: async (page) => { await page.getByText('Account').click(); await text('ada@acme.example')(page); } },
  { name: 'site-new', path: '/app/sites/new', signedIn: true, act: heading('Add a site') },
  { name: 'site-new-errors', path: '/app/sites/new', signedIn: true, act: async (page) => { await page.getByRole('button', { name: 'Add site' }).click(); await page.getByRole('alert').waitFor(); } },
  { name: 'site-missing', path: '/app/sites/st_9', signedIn: true, act: heading('This is not here') },
  { name: 'overview', path: SITE, signedIn: true, given: busy, act: async (page) => { await page.locator('.bars canvas').nth(2).waitFor(); await text('google.com')(page); } },
  { name: 'overview-today', path: `${SITE}?range=today`, signedIn: true, given: busy, act: (page) => page.locator('.bars canvas').nth(2).waitFor() },
  { name: 'overview-year', path: `${SITE}?range=12m`, signedIn: true, given: busy, act: (page) => page.locator('.bars canvas').nth(2).waitFor() },
  { name: 'overview-tables', path: `${SITE}?range=7d`, signedIn: true, given: busy, act: async (page) => { await page.locator('.bars canvas').nth(2).waitFor(); for (const one of await page.getByText('Show as a table').all()) await one.click(); } },
  {
    name: 'overview-many-pages', path: SITE, signedIn: true,
    given: (world) => {
      busy(world);
      world.morePages = Array.from({ length: 46 }, (_, n) => `/offers/${n + 1}`);
      world.uncertain = { '/contact': 3, '/offers/1': 80, '/offers/2': 80, 'bing.com': 2 };
      world.filtered = { 'no-origin': 300, unproven: 12, bot: 40, origin: 3 };
    },
    act: async (page) => { await page.locator('.bars canvas').nth(2).waitFor(); await text('up to 80 more')(page); },
  },
  { name: 'overview-few', path: SITE, signedIn: true, given: (world) => busy(world, 19), act: text('Too few visits to judge yet.') },
  { name: 'overview-none', path: SITE, signedIn: true, given: (world) => busy(world, 0), act: heading('No visits in this time') },
  { name: 'overview-failed', path: SITE, signedIn: true, given: (world) => { busy(world); world.planned.set('GET /v1/sites/st_1/stats', broken); }, act: heading('This could not be loaded') },
  { name: 'inbox', path: `${SITE}/inbox`, signedIn: true, given: busy, act: heading('Grace Hopper') },
  { name: 'inbox-all', path: `${SITE}/inbox?status=all`, signedIn: true, given: busy, act: (page) => page.getByRole('button', { name: 'Load more' }).waitFor() },
  { name: 'inbox-marked', path: `${SITE}/inbox`, signedIn: true, given: busy, act: async (page) => { await page.getByRole('button', { name: 'Mark called' }).first().click(); await page.getByRole('button', { name: 'Undo' }).waitFor(); } },
  { name: 'inbox-refused', path: `${SITE}/inbox`, signedIn: true, given: (world) => { busy(world); world.planned.set('PATCH /v1/sites/st_1/callbacks/cb_1', broken); }, act: async (page) => { await page.getByRole('button', { name: 'Mark called' }).first().click(); await text(/is unchanged/)(page); } },
  { name: 'inbox-empty', path: `${SITE}/inbox`, signedIn: true, given: (world) => void world.site('Acme Dental'), act: heading('Nobody is waiting') },
  { name: 'install', path: `${SITE}/install`, signedIn: true, given: (world) => void world.site('Acme Dental'), act: text('No visit yet.') },
  { name: 'install-foreign', path: `${SITE}/install`, signedIn: true, given: (world) => { world.site('Acme Dental'); world.filtered = { origin: 3 }; }, act: text('Add the address') },
  { name: 'install-seen', path: `${SITE}/install`, signedIn: true, given: busy, act: text('It works.') },
  { name: 'settings', path: `${SITE}/settings`, signedIn: true, given: busy, act: heading('Delete this site') },
  { name: 'settings-delete', path: `${SITE}/settings`, signedIn: true, given: busy, act: async (page) => { await page.getByRole('button', { name: 'Delete site' }).click(); await page.getByRole('button', { name: 'Delete for good' }).click(); await page.getByRole('alert').waitFor(); } },
  { name: 'billing-free', path: '/app/billing', signedIn: true, act: heading('Choose a plan') },
  { name: 'billing-paid', path: '/app/billing', signedIn: true, given: paid, act: text('£22.80') },
  { name: 'billing-owing', path: '/app/billing', signedIn: true, given: (world) => { paid(world); Object.assign(world.billing, { notice: 'payment-failed', access: 'read-only' }); world.billing.subscription!.status = 'past_due'; }, act: async (page) => { await heading('A payment failed')(page); await text('£22.80')(page); } },
  { name: 'billing-price', path: '/app/billing', signedIn: true, given: paid, act: async (page) => { await text('£22.80')(page); await page.getByRole('button', { name: 'Choose Business' }).click(); await heading('Change to Business?')(page); } },
  { name: 'billing-paused', path: '/app/billing', signedIn: true, given: (world) => { paid(world); world.billing.subscription!.pause = { until: '2027-03-03T10:00:00Z', later: true }; }, act: text('Payments are paused') },
  { name: 'billing-closing', path: '/app/billing', signedIn: true, given: (world) => { paid(world); world.billing.closingAt = '2026-12-27T10:00:00Z'; }, act: heading('This account is being closed') },
  { name: 'billing-refused', path: '/app/billing', signedIn: true, given: paid, act: async (page) => { await text('£22.80')(page); await page.getByRole('button', { name: 'Change the card' }).click(); await text('There is no subscription.')(page); } },
  { name: 'security', path: '/app/security', signedIn: true, act: heading('Leave') },
  { name: 'security-leave', path: '/app/security', signedIn: true, given: (world) => void (world.place = 'member'), act: async (page) => { await page.getByRole('button', { name: 'Leave Acme Dental' }).click(); await heading('Leave Acme Dental?')(page); } },
  { name: 'security-left', path: '/app/security', signedIn: true, given: (world) => void (world.place = 'member'), act: async (page) => { await page.getByRole('button', { name: 'Leave Acme Dental' }).click(); await page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click(); await text('You are in no account.')(page); } },
  { name: 'security-no-account', path: '/app/security', signedIn: true, given: (world) => void (world.place = 'none'), act: async (page) => { await text('27 December 2026')(page); await heading('Leave')(page); } },
  { name: 'security-delete-login', path: '/app/security', signedIn: true, given: (world) => void (world.factor = true), act: async (page) => { await page.getByRole('button', { name: 'Delete your login' }).click(); await page.getByRole('button', { name: 'Delete for good' }).click(); await page.getByRole('alert').waitFor(); } },
  { name: 'security-delete-only-owner', path: '/app/security', signedIn: true, act: async (page) => { await page.getByRole('button', { name: 'Delete your login' }).click(); await page.getByLabel('Your password').fill('correct horse'); await page.getByRole('button', { name: 'Delete for good' }).click(); await text('You are the only owner of Acme Dental.')(page); } },
  {
    name: 'people', path: '/app/people', signedIn: true,
    given: (world) => {
      world.members = [{ id: 'u_1', name: 'Ada Lovelace', email: 'ada@acme.example', role: 'owner', since: '2026-11-01T10:00:00Z', secondFactor: true, you: true }];
      world.invitations = [{ id: 'i_1', email: 'grace@acme.example', role: 'agent', by: 'Ada Lovelace', createdAt: '2026-11-20T10:00:00Z', expiresAt: '2026-11-27T10:00:00Z' }];
    },
    act: text('Invited by Ada Lovelace'),
  },
  { name: 'clients-end', path: '/app/clients', signedIn: true, given: (world) => { world.clients = [{ id: 'a_2', name: 'Harbour Physio', payer: 'agency', since: '2026-11-01T10:00:00Z' }]; }, act: async (page) => { await page.getByRole('button', { name: 'End the work for Harbour Physio' }).click(); await text('If nobody but you can enter it')(page); } },
  { name: 'devices', path: '/app/devices', signedIn: true, act: text('You are logged in nowhere else.') },
  { name: 'devices-many', path: '/app/devices', signedIn: true, given: (world) => { world.token(world.users[0]!, 1e5, 'Safari on iPhone'); world.token(world.users[0]!, 1e5, 'Edge on Windows'); }, act: text('Safari on iPhone') },
  { name: 'request', path: REQUEST, given: own('new'), act: heading('Acme Dental will call you') },
  { name: 'request-called', path: REQUEST, given: own('called'), act: heading('Acme Dental has called you') },
  { name: 'request-missed', path: REQUEST, given: own('missed'), act: heading('Acme Dental missed you') },
  { name: 'request-cancelled', path: REQUEST, given: own('cancelled'), act: heading('The call is cancelled') },
  { name: 'request-move', path: REQUEST, given: own('new'), act: async (page) => { await page.getByRole('button', { name: 'Choose another time' }).click(); await page.getByLabel('When').fill('2020-01-01T10:00'); await page.getByRole('button', { name: 'Move the call' }).click(); await page.getByRole('alert').waitFor(); } },
  { name: 'request-erase', path: REQUEST, given: own('new'), act: async (page) => { await page.getByRole('button', { name: 'Erase everything' }).click(); await page.getByRole('dialog').waitFor(); } },
  { name: 'request-erased', path: REQUEST, given: own('new'), act: async (page) => { await page.getByRole('button', { name: 'Erase everything' }).click(); await page.getByRole('dialog').getByRole('button', { name: 'Erase everything' }).click(); await heading('Everything is erased')(page); } },
  { name: 'request-gone', path: '/request?token=nothing', act: heading('There is no request here') },
  { name: 'cookies', path: '/cookies', act: heading('Cookie policy') },
  { name: 'cookies-cleared', path: '/cookies', act: async (page) => { await page.getByRole('button', { name: 'Clear Mi Connect preferences' }).click(); await text('Done. Your Mi Connect preferences')(page); } },
  { name: 'privacy', path: '/privacy', act: heading('Privacy policy') },
  { name: 'terms', path: '/terms', act: heading('Terms') },
  { name: 'privacy-complaint-errors', path: '/privacy', act: async (page) => { await page.getByRole('button', { name: 'Send the complaint' }).click(); await page.getByRole('alert').waitFor(); } },
  {
    name: 'privacy-complaint-sent', path: '/privacy',
    act: async (page) => {
      await page.getByLabel('E-mail').fill('ada@acme.example');
      await page.getByLabel('What should we look into?').fill('Please explain.');
      await page.getByRole('button', { name: 'Send the complaint' }).click();
      await text('d_00000001')(page);
    },
  },
  { name: 'site-privacy', path: `${SITE}/privacy`, signedIn: true, given: busy, act: text('Version v2') },
  { name: 'site-privacy-published', path: `${SITE}/privacy`, signedIn: true, given: (world) => { busy(world); world.published = [{ version: 'v1', at: '2026-01-02T10:00:00Z' }]; }, act: async (page) => { await text('The notice has changed')(page); await page.getByRole('button', { name: 'I have published it' }).click(); await text('Published.')(page); } },
  { name: 'site-privacy-errors', path: `${SITE}/privacy`, signedIn: true, given: busy, act: async (page) => { await page.getByLabel('Phone number or e-mail').fill('12'); await page.getByRole('button', { name: 'Find' }).click(); await page.getByRole('alert').waitFor(); } },
  { name: 'site-privacy-found', path: `${SITE}/privacy`, signedIn: true, given: busy, act: async (page) => { await page.getByLabel('Phone number or e-mail').fill('grace@navy.example'); await page.getByRole('button', { name: 'Find' }).click(); await text('1 request found.')(page); } },
  {
    name: 'site-privacy-erased', path: `${SITE}/privacy`, signedIn: true, given: busy,
    act: async (page) => {
      await page.getByLabel('Phone number or e-mail').fill('07700 900123');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByRole('button', { name: 'Erase all of it' }).click();
      await page.getByRole('button', { name: 'Erase for good' }).click();
      await text('7 requests erased.')(page);
      await page.getByRole('table', { name: 'Receipts of erasure' }).waitFor();
    },
  },
  { name: 'not-found', path: '/nowhere', act: heading('Page not found') },
  { name: 'not-found-inside', path: '/app/nowhere', signedIn: true, act: heading('Page not found') },
];
