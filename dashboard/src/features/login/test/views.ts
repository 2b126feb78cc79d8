import { broken, busy, changing, heading, signedUp, text, type View } from '../../../../test/view';

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
      await page.getByLabel('Harbour Physio').uncheck();
      await text('You won’t get emails about requests to Harbour Physio.')(page);
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
      await page.getByLabel('Acme Dental').click();
      await text('Something went wrong on our side.')(page);
      await page.getByRole('checkbox', { name: 'Acme Dental', checked: true }).waitFor();
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
