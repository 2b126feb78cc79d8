import { suggested } from '../../../../test/stand-in/hours';
import { broken, busy, heading, own, REQUEST, SITE, text, type View } from '../../../../test/view';

export const VIEWS: View[] = [
  { name: 'inbox', path: `${SITE}/inbox`, signedIn: true, given: busy, act: heading('Grace Hopper') },
  {
    name: 'inbox-all',
    path: `${SITE}/inbox?status=all`,
    signedIn: true,
    given: busy,
    act: (page) => page.getByRole('button', { name: 'Load more' }).waitFor(),
  },
  {
    name: 'inbox-of-a-mail',
    path: `${SITE}/inbox?request=cb_1`,
    signedIn: true,
    given: busy,
    act: heading('Grace Hopper'),
  },
  {
    name: 'inbox-of-an-old-mail',
    path: `${SITE}/inbox?request=cb_2`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByRole('link', { name: 'Look in all requests' }).click();
      await heading('Alan Turing')(page);
    },
  },
  {
    name: 'inbox-marked',
    path: `${SITE}/inbox`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await page.getByRole('button', { name: 'Talked' }).click();
      await page.getByRole('button', { name: 'Undo' }).waitFor();
    },
  },
  {
    name: 'inbox-undo-late',
    path: `${SITE}/inbox`,
    signedIn: true,
    given: busy,
    act: async (page, world) => {
      await page.getByRole('button', { name: 'Talked' }).click();
      await page.getByText('Talked · Ada Lovelace').waitFor(); // it is saved
      world.callbacks.get('st_1')![0]!.updatedAt = new Date(Date.now() + 1000).toISOString();
      await page.getByRole('button', { name: 'Undo' }).click();
      await text(/Gina Rossi has changed this request/)(page);
    },
  },
  {
    name: 'inbox-refused',
    path: `${SITE}/inbox`,
    signedIn: true,
    given: (world) => {
      busy(world);
      world.planned.set('PATCH /v1/sites/st_1/callbacks/cb_1', broken);
    },
    act: async (page) => {
      await page.getByRole('button', { name: 'Talked' }).click();
      await text(/wasn’t updated/)(page);
    },
  },
  {
    name: 'inbox-request',
    path: `${SITE}/inbox?status=new&request=cb_1`,
    signedIn: true,
    given: (world) => {
      busy(world);
      const history = [
        { at: new Date(Date.now() - 60_000).toISOString(), name: 'Gina Rossi', what: 'claimed' as const },
      ];
      const claim = { name: 'Gina Rossi', mine: false, until: new Date(Date.now() + 500_000).toISOString() };
      Object.assign(world.callbacks.get('st_1')![0]!, { claim, history, note: 'Prefers mornings.' });
    },
    act: async (page) => {
      await page.getByRole('link', { name: 'Call +44 7700 900123' }).click();
      await text(/Gina Rossi is calling Grace Hopper/)(page);
    },
  },
  {
    name: 'inbox-keys',
    path: `${SITE}/inbox`,
    signedIn: true,
    given: busy,
    act: async (page) => {
      await heading('Grace Hopper')(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'inbox-empty',
    path: `${SITE}/inbox`,
    signedIn: true,
    given: (world) => void world.site('Acme Dental'),
    act: heading('No new requests'),
  },
  { name: 'request', path: REQUEST, given: own('new'), act: heading('Acme Dental will call you') },
  { name: 'request-called', path: REQUEST, given: own('called'), act: heading('Acme Dental has called you') },
  { name: 'request-missed', path: REQUEST, given: own('missed'), act: heading('Acme Dental tried to call you') },
  { name: 'request-cancelled', path: REQUEST, given: own('cancelled'), act: heading('Call cancelled') },
  {
    name: 'request-move',
    path: REQUEST,
    given: own('new'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Choose another time' }).click();
      await page.getByLabel('When').fill('2020-01-01T10:00');
      await page.getByRole('button', { name: 'Move call' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'request-move-slot',
    path: REQUEST,
    given: (world) => {
      own('new')(world);
      world.hours.set(world.sites[0]!.id, { ...suggested(), enabled: true });
      const due = new Date(Date.now() + 3_600_000).toISOString();
      Object.assign(world.callbacks.get(world.sites[0]!.id)![0]!, { promise: { due, state: 'waiting' } });
    },
    act: async (page) => {
      await page.getByRole('button', { name: 'Choose another time' }).click();
      await page.getByRole('button', { name: 'Move call' }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'request-erase',
    path: REQUEST,
    given: own('new'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Erase my data' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'request-erased',
    path: REQUEST,
    given: own('new'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Erase my data' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Erase my data' }).click();
      await heading('Your data has been erased')(page);
    },
  },
  { name: 'request-gone', path: '/request?token=nothing', act: heading('Request not found') },
];
