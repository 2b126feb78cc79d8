import type { World } from '../../../../test/stand-in';
import { complaint } from '../../../../test/stand-in/complaints';
import { broken, busy, heading, SITE, text, type View } from '../../../../test/view';

/** Complaints to answer, one of them late, and one that was answered. */
function complaints(world: World): void {
  busy(world);
  const [acme, harbour] = world.sites;
  complaint(world, acme!, {}, 24);
  complaint(
    world,
    harbour!,
    { name: '', phone: '', email: 'wolfeschlegelsteinhausenbergerdorff@long-name.example' },
    2,
  );
  complaint(world, acme!, { name: 'Alan Turing', email: '', acknowledgedAt: null, state: 'in-progress' }, 33);
  const at = new Date(Date.now() - 86_400_000).toISOString();
  complaint(
    world,
    acme!,
    {
      state: 'answered',
      result: 'partly-upheld',
      answer: 'We had your number from your call in March.\nWe have deleted it.',
      answeredAt: at,
      expiresAt: new Date(Date.now() + 364 * 86_400_000).toISOString(),
      history: [
        { at, what: 'received', by: '', text: '' },
        { at, what: 'note', by: 'Ada Lovelace', text: 'Asked Bob, who called.' },
        { at, what: 'update', by: 'Ada Lovelace', text: 'We are looking into it.' },
        { at, what: 'answered', by: 'Ada Lovelace', text: '' },
      ],
    },
    12,
  );
}
const DETAIL = '/app/complaints?site=st_1&complaint=d_00000001';
const register = { signedIn: true, given: complaints } as const;

export const VIEWS: View[] = [
  { name: 'complaints', path: '/app/complaints', ...register, act: text('d_00000001') },
  { name: 'complaints-answered', path: '/app/complaints?state=answered', ...register, act: text('Partly upheld') },
  { name: 'complaints-none', path: '/app/complaints', signedIn: true, given: busy, act: heading('Nothing to answer') },
  {
    name: 'complaints-failed',
    path: '/app/complaints',
    signedIn: true,
    given: (world) => world.planned.set('GET /v1/site-complaints', broken),
    act: heading('Couldn’t load this'),
  },
  {
    name: 'complaints-agent',
    path: '/app/complaints',
    signedIn: true,
    given: (world) => {
      complaints(world);
      world.place = 'member';
    },
    act: text('Only the account’s owners and admins can see complaints'),
  },
  { name: 'complaint-detail', path: DETAIL, ...register, act: text('The complaint') },
  {
    name: 'complaint-detail-answered',
    path: '/app/complaints?site=st_1&complaint=d_00000004',
    ...register,
    act: text('We have deleted it.'),
  },
  {
    name: 'complaint-detail-gone',
    path: '/app/complaints?site=st_1&complaint=d_99999999',
    ...register,
    act: heading('Not found'),
  },
  {
    name: 'complaint-detail-answer-errors',
    path: DETAIL,
    ...register,
    act: async (page) => {
      await page.getByRole('button', { name: 'Answer', exact: true }).click();
      await page.getByRole('button', { name: 'Send answer' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'complaint-detail-updated',
    path: DETAIL,
    ...register,
    act: async (page) => {
      await page.getByRole('button', { name: 'Send an update' }).click();
      await page.getByRole('textbox', { name: 'Update' }).fill('We are looking into it.');
      await page.getByRole('button', { name: 'Send update' }).click();
      await text('Told the person · Ada Lovelace')(page);
    },
  },
  {
    name: 'complaint-detail-second',
    path: DETAIL,
    ...register,
    act: async (page, world) => {
      await page.getByRole('button', { name: 'Add a note' }).click();
      world.complaints[0]!.version++;
      await page.getByRole('textbox', { name: 'Note' }).fill('Called her.');
      await page.getByRole('button', { name: 'Add note' }).click();
      await text('Gina Agent changed this complaint')(page);
      await page.getByRole('button', { name: 'Add note' }).click();
      await text('Note · Ada Lovelace')(page);
    },
  },
  {
    name: 'complain',
    path: '/complain?site=pk_00000001',
    given: busy,
    act: heading('Complain to Acme Dental'),
  },
  { name: 'complain-unknown', path: '/complain?site=pk_9', act: heading('Business not found') },
  { name: 'complain-gone', path: '/complain?token=nothing', act: heading('Complaint not found') },
  {
    name: 'complain-errors',
    path: '/complain?site=pk_00000001',
    given: busy,
    act: async (page) => {
      await page.getByRole('button', { name: 'Send complaint' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'complain-sent',
    path: '/complain?site=pk_00000001',
    given: busy,
    act: async (page) => {
      await page.getByLabel('What should they look into?').fill('Please stop.');
      await page.getByLabel('Email').fill('vera@example.com');
      await page.getByRole('button', { name: 'Send complaint' }).click();
      await heading('Your complaint has been sent')(page);
    },
  },
  {
    name: 'complain-answered',
    path: '/complain?token=own-d_00000004',
    given: complaints,
    act: text('They agree with part of your complaint.'),
  },
  { name: 'complaint-confirm', path: '/complaint?token=x', act: heading('Confirm your complaint') },
  { name: 'cookies', path: '/cookies', act: heading('Cookie policy') },
  {
    name: 'cookies-cleared',
    path: '/cookies',
    act: async (page) => {
      await page.getByRole('button', { name: 'Clear Mi Connect preferences' }).click();
      await text('Your Mi Connect preferences have')(page);
    },
  },
  { name: 'privacy', path: '/privacy', act: heading('Privacy policy') },
  { name: 'terms', path: '/terms', act: heading('Terms') },
  {
    name: 'privacy-complaint-errors',
    path: '/privacy',
    act: async (page) => {
      await page.getByRole('button', { name: 'Send complaint' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'privacy-complaint-sent',
    path: '/privacy',
    act: async (page) => {
      await page.getByLabel('Email').fill('ada@acme.example');
      await page.getByLabel('What should we look into?').fill('Please explain.');
      await page.getByRole('button', { name: 'Send complaint' }).click();
      await text('d_00000001')(page);
    },
  },
  { name: 'site-privacy', path: `${SITE}/privacy`, signedIn: true, given: busy, act: text('Version v2') },
  {
    name: 'site-privacy-published',
    path: `${SITE}/privacy`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.published = [{ version: 'v1', at: '2026-01-02T10:00:00Z' }];
    },
    act: async (page) => {
      await text('The notice has changed')(page);
      await page.getByRole('button', { name: 'I’ve published it' }).click();
      await text('Published.')(page);
    },
  },
  {
    name: 'site-privacy-errors',
    path: `${SITE}/privacy`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Phone number or email').fill('12');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'site-privacy-found',
    path: `${SITE}/privacy`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Phone number or email').fill('grace@navy.example');
      await page.getByRole('button', { name: 'Find' }).click();
      await text('1 request found.')(page);
    },
  },
  {
    name: 'site-privacy-erased',
    path: `${SITE}/privacy`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Phone number or email').fill('07700 900123');
      await page.getByRole('button', { name: 'Find' }).click();
      await page.getByRole('button', { name: 'Erase all' }).click();
      await page.getByRole('button', { name: 'Erase permanently' }).click();
      await text('7 requests erased.')(page);
      await page.getByRole('table', { name: 'Receipts of erasure' }).waitFor();
    },
  },
];
