import { busy, heading, SITE, text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
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
