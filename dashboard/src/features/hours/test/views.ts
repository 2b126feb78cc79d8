import { suggested } from '../../../../test/stand-in/hours';
import { busy, SITE, text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
  { name: 'hours', path: `${SITE}/hours`, signedIn: true, given: busy, act: text('Open now') },
  {
    name: 'hours-dates',
    path: `${SITE}/hours`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.hours.set('st_1', {
        ...suggested(),
        enabled: true,
        exceptions: [{ date: '2026-12-24', spans: [{ from: '09:00', to: '12:00' }], note: 'Christmas Eve' }],
        version: 1,
      });
    },
    act: text('Christmas Day'),
  },
  {
    name: 'hours-refused',
    path: `${SITE}/hours`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Monday, closes').fill('08:00');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'hours-departments',
    path: `${SITE}/hours`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByRole('button', { name: 'Add department' }).click();
      await page.getByLabel('Name', { exact: true }).fill('Repairs');
      await page.getByLabel('Hours of its own').check();
      await page.getByLabel('Repairs, Monday, closes').fill('13:00');
      await page.getByRole('button', { name: 'Save' }).click();
      await text('Opening hours saved.')(page);
    },
  },
  {
    name: 'hours-saved',
    path: `${SITE}/hours`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByLabel('Use opening hours').check();
      await page.getByRole('button', { name: 'Saturday, add hours' }).click();
      await page.getByRole('button', { name: 'Save' }).click();
      await text('Opening hours saved.')(page);
    },
  },
];
