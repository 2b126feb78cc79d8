import { broken, busy, changing, heading, signedUp, text, type View } from '../../../../test/view';
import type { OpeningHours } from '../../../lib/api.gen';

export const VIEWS: View[] = [
  { name: 'register', path: '/register', act: heading('Create your account') },
  {
    name: 'register-errors',
    path: '/register',
    act: async (page) => {
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'register-sent',
    path: '/register',
    act: async (page) => {
      await page.getByLabel('Name').fill('Ada');
      await page.getByLabel('Company').fill('Acme');
      await page.getByLabel('Email').fill('ada.with.a.rather.long.address@subdomain.of-a-company.example');
      await page.getByRole('button', { name: 'Create account' }).click();
      await heading('Check your email')(page);
    },
  },
  { name: 'verify', path: '/verify?token=link', given: signedUp, act: heading('Choose your password') },
  {
    name: 'verify-errors',
    path: '/verify?token=link',
    given: signedUp,
    act: async (page) => {
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'verify-other-login',
    path: '/verify?token=link',
    signedIn: true,
    given: signedUp,
    act: heading('You’re already logged in'),
  },
  {
    name: 'login-link-other-login',
    path: '/login/link?token=x',
    signedIn: true,
    act: heading('You’re already logged in'),
  },
  {
    name: 'email-change',
    path: '/email/change?token=approve',
    given: changing,
    act: heading('Change your email address?'),
  },
  {
    name: 'email-change-approved',
    path: '/email/change?token=approve',
    given: changing,
    act: async (page) => {
      await page.getByRole('button', { name: 'Approve change' }).click();
      await heading('Approved')(page);
    },
  },
  {
    name: 'email-change-cancelled',
    path: '/email/change?token=approve',
    given: changing,
    act: async (page) => {
      await page.getByRole('button', { name: /cancel it/ }).click();
      await heading('Change cancelled')(page);
    },
  },
  { name: 'reset', path: '/reset?token=x', act: heading('Set a new password') },
  { name: 'verify-invalid', path: '/verify?token=old', act: heading('This link no longer works') },
  {
    name: 'verify-failed',
    path: '/verify?token=x',
    given: (world) => world.planned.set('POST /v1/verify/open', broken),
    act: heading('Couldn’t load this'),
  },
  { name: 'login', path: '/login', act: heading('Log in') },
  {
    name: 'login-refused',
    path: '/login',
    act: async (page) => {
      await page.getByLabel('Email').fill('ada@acme.example');
      await page.getByLabel('Password', { exact: true }).fill('wrong');
      await page.getByRole('button', { name: 'Log in' }).click();
      await text('Wrong email or password.')(page);
    },
  },
  {
    name: 'notifications',
    path: '/app/notifications',
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Harbour Physio').selectOption('Off');
      await text('You won’t get emails about requests to Harbour Physio.')(page);
    },
  },
  {
    name: 'notifications-quiet',
    path: '/app/notifications',
    signedIn: true,
    given: (world) => {
      busy(world);
      const of = { capacity: 1, ownHours: false, week: [], exceptions: [] };
      const departments = ['Sales', 'Repairs and spare parts'].map((name) => ({ name, ...of }));
      world.hours.set('st_1', { ...(world.hours.get('st_1') ?? ({} as OpeningHours)), departments });
    },
    act: async (page, world) => {
      await page.getByLabel('Acme Dental', { exact: true }).selectOption('One email a day');
      await text('Requests to Acme Dental are in your daily email.')(page);
      await page.getByRole('group', { name: 'Departments at Acme Dental' }).getByLabel('Sales').uncheck();
      await text('Saved for Acme Dental.')(page);
      await page.getByLabel('Quiet hours').check();
      await page.getByLabel('From').selectOption('07:00');
      await page.getByRole('button', { name: 'Save' }).click();
      await text('Must differ from the start')(page);
      await page.getByLabel('From').selectOption('21:30');
      await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('status').getByText('Saved.', { exact: true }).waitFor();
      const wanted = [
        { requests: 'daily', departments: ['Repairs and spare parts', ''] },
        { timeZone: 'Asia/Tokyo', dailyAt: '08:00', quiet: { from: '21:30', to: '07:00' } },
      ];
      const stored = [world.alerts.get('st_1'), world.alertTimes];
      if (JSON.stringify(stored) !== JSON.stringify(wanted)) throw Error(`stored ${JSON.stringify(stored)}`);
    },
  },
  {
    name: 'notifications-push',
    path: '/app/notifications',
    signedIn: true,
    given: (world) => {
      busy(world);
      const at = new Date(Date.now() - 3 * 86_400_000).toISOString();
      world.pushDevices = [
        { id: 'one', device: 'Chrome on Android', createdAt: at, current: false },
        { id: 'two', device: 'Samsung Internet on Android', createdAt: at, current: false },
      ];
    },
    act: async (page, world) => {
      const row = page.getByRole('listitem').filter({ hasText: 'Samsung Internet on Android' });
      await row.getByRole('button', { name: 'Turn off' }).click();
      await text('Turned off.')(page);
      await row.waitFor({ state: 'detached' });
      if (world.pushDevices.length !== 1) throw Error('it is still on');
    },
  },
  {
    name: 'notifications-push-blocked',
    path: '/app/notifications',
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.evaluate(() => Object.defineProperty(Notification, 'permission', { value: 'denied' }));
      await page.evaluate(() => {
        Notification.requestPermission = async () => 'denied';
      });
      const on = page.getByRole('button', { name: 'Turn on in this browser' });
      if (await on.isVisible()) await on.click();
      await text('This browser blocks notifications')(page);
    },
  },
  { name: 'notifications-empty', path: '/app/notifications', signedIn: true, act: heading('No sites yet') },
  {
    name: 'notifications-refused',
    path: '/app/notifications',
    signedIn: true,
    given: (world) => {
      busy(world);
      world.planned.set('PUT /v1/notifications/st_1', broken);
    },
    act: async (page) => {
      const choice = page.getByLabel('Acme Dental');
      await choice.selectOption('Off');
      await text('Something went wrong on our side.')(page);
      if ((await choice.inputValue()) !== 'at-once') throw Error('it shows what was not stored');
    },
  },
  { name: 'security', path: '/app/security', signedIn: true, act: heading('Leave') },
  {
    name: 'security-change-name',
    path: '/app/security',
    signedIn: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Change name' }).click();
      await page.getByLabel('Your name').fill('');
      await page.getByRole('dialog').getByRole('button', { name: 'Change name' }).click();
      await text('Enter your name.')(page);
      await page.getByLabel('Your name').fill('Ada King');
    },
  },
  {
    name: 'security-rename',
    path: '/app/security',
    signedIn: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Rename' }).click();
      await page.getByLabel('Name of your company').fill('Acme Dental Care');
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
      await text('This account is called Acme Dental Care.')(page);
    },
  },
  {
    name: 'security-leave',
    path: '/app/security',
    signedIn: true,
    given: (world) => void (world.place = 'member'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Leave Acme Dental' }).click();
      await heading('Leave Acme Dental?')(page);
    },
  },
  {
    name: 'security-left',
    path: '/app/security',
    signedIn: true,
    given: (world) => void (world.place = 'member'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Leave Acme Dental' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Leave', exact: true }).click();
      await text('You don’t belong to an account.')(page);
    },
  },
  {
    name: 'security-no-account',
    path: '/app/security',
    signedIn: true,
    given: (world) => void (world.place = 'none'),
    act: async (page) => {
      await text('27 December 2026')(page);
      await heading('Leave')(page);
    },
  },
  {
    name: 'security-delete-login',
    path: '/app/security',
    signedIn: true,
    given: (world) => void (world.factor = true),
    act: async (page) => {
      await page.getByRole('button', { name: 'Delete your login' }).click();
      await page.getByRole('button', { name: 'Delete permanently' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'security-delete-only-owner',
    path: '/app/security',
    signedIn: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Delete your login' }).click();
      await page.getByLabel('Your password').fill('correct horse');
      await page.getByRole('button', { name: 'Delete permanently' }).click();
      await text('You are the only owner of Acme Dental.')(page);
    },
  },
  { name: 'devices', path: '/app/devices', signedIn: true, act: text('You’re not logged in anywhere else.') },
  {
    name: 'devices-many',
    path: '/app/devices',
    signedIn: true,
    given: (world) => {
      world.token(world.users[0]!, 1e5, 'Safari on iPhone');
      world.token(world.users[0]!, 1e5, 'Edge on Windows');
    },
    act: text('Safari on iPhone'),
  },
];
