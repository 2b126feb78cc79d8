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
    name: 'overview-all-time',
    path: `${SITE}?range=all&by=week`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.sites[0]!.createdAt = '2024-02-29T10:00:00Z';
    },
    act: (page) => page.locator('.bars canvas').nth(2).waitFor(),
  },
  {
    name: 'overview-compared',
    path: `${SITE}?range=30d&compare=before`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.earlier = { impressions: 3810, opens: 290, submits: 61 };
    },
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      const rows = page.locator('section', { hasText: 'Compared with' }).locator('tr');
      const said = (await rows.allInnerTexts()).map((row) => row.split('\t').at(-1)!.trim());
      if (said.join() !== 'Difference,–,Higher,No clear difference,No clear difference') throw new Error(said.join());
    },
  },
  {
    name: 'overview-compared-none',
    path: `${SITE}?range=mtd&compare=year`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.earlier = { impressions: 0, opens: 0, submits: 0 };
    },
    act: text('No visits were counted in that period.'),
  },
  {
    name: 'overview-dates',
    path: SITE,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByRole('button', { name: 'Choose dates' }).click();
      await page.getByLabel('From', { exact: true }).fill('2026-10-20');
      await page.getByLabel('To', { exact: true }).fill('2026-10-19');
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await text('Enter a day that isn’t before the first.')(page);
      await page.getByLabel('To', { exact: true }).fill('2026-10-30');
      await page.getByRole('button', { name: 'Show', exact: true }).click();
      await page.waitForURL(`**${SITE}?from=2026-10-20&to=2026-10-30`);
      await page.locator('.figures:not(.figures-old) .bars canvas').nth(2).waitFor();
      await page.getByRole('button', { name: / to / }).click();
      await page.getByLabel('From', { exact: true }).waitFor();
    },
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
    name: 'overview-search',
    path: SITE,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.morePages = Array.from({ length: 46 }, (_, n) => `/offers/${n + 1}`);
    },
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      await page.getByRole('button', { name: 'Show all 51 with search' }).click();
      await page.getByLabel('Search pages').fill('OFFERS/4');
      const names = page.getByRole('region', { name: 'Visits by page' }).locator('tbody th');
      const seen = (await names.allInnerTexts()).join(' ');
      if (seen !== '/offers/4 /offers/40 /offers/41 /offers/42 /offers/43 /offers/44 /offers/45 /offers/46')
        throw new Error(seen);
    },
  },
  {
    name: 'overview-download',
    path: `${SITE}?from=2026-10-01&to=2026-10-10`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.locator('.bars canvas').nth(2).waitFor();
      for (const format of ['csv', 'json']) {
        const coming = page.waitForEvent('download');
        await page.getByRole('button', { name: `Download ${format.toUpperCase()}` }).click();
        const name = (await coming).suggestedFilename();
        if (name !== `statistics-2026-10-01-2026-10-10.${format}`) throw new Error(name);
      }
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
