import type { World } from '../../../../test/stand-in';
import { suggested } from '../../../../test/stand-in/hours';
import { broken, busy, heading, own, REQUEST, SITE, soon, text, type View } from '../../../../test/view';

/** Two sites, of whose requests one is late, one due soon, and one nobody answered. */
const late = (world: World) => {
  busy(world);
  const [first, , , fourth] = world.callbacks.get('st_1')!;
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();
  Object.assign(first!, { at: null, promise: { due: at(-600), state: 'broken' } });
  Object.assign(fourth!, { promise: { due: at(12), state: 'waiting' } });
  world.callback(world.sites[1]!, { id: 'cb_20', name: 'Katherine Johnson', department: 'Physio' });
};

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
    path: `${SITE}/inbox?status=waiting&request=cb_1`,
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
    act: heading('Nobody is waiting'),
  },
  { name: 'inbox-account', path: '/app/inbox', signedIn: true, given: late, act: heading('Grace Hopper') },
  {
    name: 'inbox-account-request',
    path: '/app/inbox?request=cb_1',
    signedIn: true,
    given: late,
    act: async (page) => {
      await page.getByLabel('Assigned to').selectOption({ label: 'Me' });
      await text(/Assigned/)(page);
    },
  },
  {
    name: 'inbox-blocked',
    path: '/app/inbox?request=cb_1',
    signedIn: true,
    given: late,
    act: async (page) => {
      await page.getByRole('button', { name: 'Block this number' }).click();
      await text('Requests from this number are refused on this site.')(page);
    },
  },
  {
    name: 'inbox-filters',
    path: '/app/inbox?status=all&department=Accounts',
    signedIn: true,
    given: late,
    act: async (page) => {
      await page.getByRole('form', { name: 'Filters' }).waitFor();
      await heading(/Wolfeschlegel/)(page);
    },
  },
  {
    name: 'inbox-filtered-away',
    path: '/app/inbox?department=Nobody',
    signedIn: true,
    given: late,
    act: heading('No requests match these filters'),
  },
  {
    name: 'inbox-found',
    path: '/app/inbox',
    signedIn: true,
    given: late,
    act: async (page) => {
      await page.getByLabel('Find requests').fill('turing');
      await page.getByRole('listitem').filter({ hasText: 'Alan Turing' }).waitFor();
    },
  },
  {
    name: 'inbox-next-attempt',
    path: '/app/inbox?status=missed&request=cb_3',
    signedIn: true,
    given: late,
    act: async (page) => {
      await page.getByRole('button', { name: 'Tomorrow at 9' }).click();
      await text(/Next attempt/)(page);
    },
  },
  {
    name: 'inbox-bulk',
    path: '/app/inbox',
    signedIn: true,
    given: late,
    act: async (page) => {
      await heading('Grace Hopper')(page);
      if (await page.getByLabel('Select Visitor 4').isVisible()) {
        await page.getByLabel('Select Visitor 4').check();
        await page.getByLabel('Select Visitor 5').check();
        await text('2 selected')(page);
      }
    },
  },
  { name: 'request', path: REQUEST, given: own('new'), act: heading('Acme Dental will call you') },
  { name: 'request-waits', path: REQUEST, given: own('new', { at: null }), act: text('3 people are ahead of you') },
  {
    name: 'request-calling',
    path: REQUEST,
    given: own('new', { at: null, claim: { name: 'Gina', mine: false, until: soon(10) } }),
    act: heading('Acme Dental is calling you now'),
  },
  {
    name: 'request-late',
    path: REQUEST,
    given: own('new', { at: null, promise: { due: soon(-5), state: 'broken' } }),
    act: heading('Sorry, Acme Dental is late'),
  },
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
    name: 'request-never',
    path: REQUEST,
    given: own('new'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Never call me again' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Never call me again' }).click();
      await page.getByText('Your number is blocked:').waitFor();
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
  {
    name: 'request-complained',
    path: REQUEST,
    given: own('new'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Complain to Acme Dental' }).click();
      await page.getByLabel('What should they look into?').fill('Please stop.');
      await page.getByRole('button', { name: 'Send complaint' }).click();
      await heading('Your complaint to Acme Dental')(page);
    },
  },
  {
    name: 'request-complain',
    path: REQUEST,
    given: own('new'),
    act: async (page) => {
      await page.getByRole('button', { name: 'Complain to Acme Dental' }).click();
      await page.getByRole('dialog').waitFor();
    },
  },
  { name: 'request-gone', path: '/request?token=nothing', act: heading('Request not found') },
];
