import { broken, busy, heading, SITE, text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
  {
    name: 'overview',
    path: SITE,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      await text('google.com')(page);
    },
  },
  {
    name: 'overview-promises',
    path: SITE,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      await page.getByText('Show by day, hour and department').click();
      await page.locator('.promises').evaluate((card) => card.scrollIntoView());
    },
  },
  {
    name: 'overview-today',
    path: `${SITE}?range=today`,
    signedIn: true,
    given: busy,
    act: (page) => page.locator('.bars canvas').nth(2).waitFor(),
  },
  {
    name: 'overview-last-month',
    path: `${SITE}?range=month`,
    signedIn: true,
    given: busy,
    act: (page) => page.locator('.bars canvas').nth(2).waitFor(),
  },
  {
    name: 'overview-year',
    path: `${SITE}?range=12m`,
    signedIn: true,
    given: busy,
    act: (page) => page.locator('.bars canvas').nth(2).waitFor(),
  },
  {
    name: 'overview-tables',
    path: `${SITE}?range=7d`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      for (const one of await page.getByText('Show as a table').all()) await one.click();
    },
  },
  {
    name: 'overview-many-pages',
    path: SITE,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.morePages = Array.from({ length: 46 }, (_, n) => `/offers/${n + 1}`);
      world.uncertain = { '/contact': 3, '/offers/1': 80, '/offers/2': 80, 'bing.com': 2 };
      world.filtered = { 'no-origin': 300, unproven: 12, bot: 40, origin: 3 };
    },
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      await text('up to 80 more')(page);
    },
  },
  {
    name: 'overview-few',
    path: SITE,
    signedIn: true,
    given: (world) => busy(world, 19),
    act: text('Too few requests yet'),
  },
  {
    name: 'overview-none',
    path: SITE,
    signedIn: true,
    given: (world) => busy(world, 0),
    act: heading('No visits in this period'),
  },
  {
    name: 'overview-failed',
    path: SITE,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.planned.set('GET /v1/sites/st_1/stats', broken);
    },
    act: heading('Couldn’t load this'),
  },
];
