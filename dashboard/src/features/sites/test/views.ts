import type { World } from '../../../../test/stand-in';
import { broken, busy, heading, SITE, text, type View } from '../../../../test/view';

const pausedSite = (world: World) => {
  busy(world);
  world.sites[0]!.paused = 'plan';
};

export const VIEWS: View[] = [
  { name: 'sites-empty', path: '/app', signedIn: true, act: heading('Add your first site') },
  {
    name: 'sites-of-an-agency',
    path: '/app',
    signedIn: true,
    given: (world) => {
      busy(world);
      world.accounts = [{ id: 'a_2', name: 'Rossi Dental', role: 'admin', agency: 'Acme Dental' }];
      const since = '2026-11-01T10:00:00Z';
      for (const [n, name] of ['Harbour Heating', 'Rossi Dental', 'Old Mill Garage'].entries())
        world.clients.push({ id: `a_${n + 1}`, name, payer: 'agency', since });
    },
    act: (page) => page.getByRole('button', { name: 'Old Mill Garage' }).waitFor(),
  },
  { name: 'sites', path: '/app', signedIn: true, given: busy, act: heading('Harbour Physio') },
  {
    name: 'settings-agent',
    path: `${SITE}/settings`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.place = 'member';
    },
    act: text('Only the account’s owners and admins can change this.'),
  },
  {
    name: 'sites-loading',
    path: '/app',
    signedIn: true,
    given: (world) => world.planned.set('GET /v1/sites', 'hang'),
    act: async (page) => {
      await page.locator('.loading').waitFor();
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'sites-failed',
    path: '/app',
    signedIn: true,
    given: (world) => world.planned.set('GET /v1/sites', broken),
    act: heading('Couldn’t load this'),
  },
  {
    name: 'account-menu',
    path: '/app',
    signedIn: true,
    given: (world) => {
      busy(world);
      world.accounts = [{ id: 'a_2', name: 'Harbour Physio', role: 'admin' }];
    },
    act: async (page) => {
      await page.getByText('Account').click();
      await text('ada@acme.example')(page);
    },
  },
  { name: 'site-new', path: '/app/sites/new', signedIn: true, act: heading('Add a site') },
  {
    name: 'site-new-errors',
    path: '/app/sites/new',
    signedIn: true,
    act: async (page) => {
      await page.getByRole('button', { name: 'Add site' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'site-new-pasted',
    path: '/app/sites/new',
    signedIn: true,
    act: async (page) => {
      await page.getByLabel('Website address').fill('https://www.acme.example/contact?x=1');
      await page.keyboard.press('Tab');
      await page.getByText('All pages of www.acme.example and acme.example').waitFor();
    },
  },
  { name: 'site-missing', path: '/app/sites/st_9', signedIn: true, act: heading('Not found') },
  {
    name: 'install',
    path: `${SITE}/install`,
    signedIn: true,
    given: (world) => void world.site('Acme Dental'),
    act: text('No visit yet.'),
  },
  {
    name: 'install-foreign',
    path: `${SITE}/install`,
    signedIn: true,
    given: (world) => {
      world.site('Acme Dental');
      world.filtered = { origin: 3 };
    },
    act: text('Add the address'),
  },
  {
    name: 'install-pinned',
    path: `${SITE}/install`,
    signedIn: true,
    given: (world) => void world.site('Acme Dental'),
    act: async (page) => {
      await page.getByLabel('Your website is made with').selectOption('Next.js');
      await page.locator('#snippet', { hasText: "from 'next/script'" }).waitFor();
      await page.getByText('Pin a version').click();
      await page.locator('#pinned', { hasText: /integrity="sha384-[^"]{64}" crossorigin/ }).waitFor();
    },
  },
  {
    name: 'install-tested',
    path: `${SITE}/install`,
    signedIn: true,
    given: (world) => void world.site('Acme Dental'),
    act: async (page, world) => {
      await page.evaluate(() =>
        addEventListener('click', (event) => {
          if ((event.target as Element).closest('[target=_blank]')) event.preventDefault();
        }),
      );
      const link = page.getByRole('link', { name: 'Open my page and send a test request' });
      if ((await link.getAttribute('href')) !== 'https://acme.example') throw new Error('it opens another page');
      await link.click();
      await page.getByText('Waiting for your request…').waitFor();
      world.callback(world.sites[0]!);
      await page.getByText('Your first request is in the inbox.').waitFor();
    },
  },
  { name: 'install-seen', path: `${SITE}/install`, signedIn: true, given: busy, act: text('It works.') },
  {
    name: 'sites-paused',
    path: '/app',
    signedIn: true,
    given: pausedSite,
    act: text('Paused'),
  },
  {
    name: 'install-paused',
    path: `${SITE}/install`,
    signedIn: true,
    given: pausedSite,
    act: async (page) => {
      await text('The snippet is fine where it is')(page);
      await page.getByRole('button', { name: 'Run this site instead of another' }).waitFor();
    },
  },
  { name: 'settings', path: `${SITE}/settings`, signedIn: true, given: busy, act: heading('Delete site') },
  {
    name: 'settings-widget',
    path: `${SITE}/settings`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await text('Good contrast')(page);
      await page.getByLabel('Button', { exact: true }).fill('Call me');
      await page.getByRole('button', { name: 'Call me' }).waitFor();
      await page.getByRole('button', { name: 'Open the form' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'settings-widget-saved',
    path: `${SITE}/settings`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Colour', { exact: true }).fill('#ffff00');
      await text('Hard to see')(page);
      await page.getByRole('button', { name: 'Save widget' }).click();
      await page.getByRole('button', { name: 'Bring back the last version' }).waitFor();
    },
  },
  {
    name: 'settings-widget-undo-late',
    path: `${SITE}/settings`,
    signedIn: true,
    given: busy,
    act: async (page, world) => {
      await page.getByLabel('Colour', { exact: true }).fill('#ffff00');
      await page.getByRole('button', { name: 'Save widget' }).click();
      const undo = page.getByRole('button', { name: 'Bring back the last version' });
      await undo.waitFor();
      world.designs.get('st_1')!.design.version++; // somebody else's change
      await undo.click();
      await text('Someone else changed this at the same time.')(page);
    },
  },
  {
    name: 'settings-delete',
    path: `${SITE}/settings`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByRole('button', { name: 'Delete site' }).click();
      await page.getByRole('button', { name: 'Delete permanently' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
];
