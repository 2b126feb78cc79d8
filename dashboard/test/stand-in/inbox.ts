import type { Callback, CallbackMark, CallbackMarks, Home } from '../../src/lib/api.gen';
import { ofRequest } from './complaints';
import {
  type Answer,
  type Call,
  invalid,
  notFound,
  paged,
  type Routes,
  refuse,
  type SignedCall,
  type SiteCall,
} from './routes';

const waits = (item: Callback) => item.status === 'new' || item.tryAt !== null;
const turn = (item: Callback) =>
  item.tryAt ?? item.promise?.due ?? item.at ?? new Date(Date.parse(item.createdAt) + 3_600_000).toISOString();

/** All of the account's: what waits by when it is due, then the rest, newest first. */
function inboxOf({ world, query }: SignedCall): Callback[] {
  const [state, site, person] = [query.get('state'), query.get('site'), query.get('person')];
  const all = [...world.callbacks.values()]
    .flat()
    .filter((item) => !site || item.site === site)
    .filter((item) => !query.get('department') || item.department === query.get('department'))
    .filter((item) => !person || item.assigned?.user === person || (person === 'me' && item.assigned?.mine))
    .filter((item) => !query.get('from') || item.createdAt >= query.get('from')!)
    .filter((item) => !query.get('to') || item.createdAt < query.get('to')!);
  const wanted = (item: Callback) =>
    !state || (state === 'waiting' ? waits(item) : !waits(item) && (state === 'handled' || item.status === state));
  return [
    ...all.filter(waits).sort((a, b) => (turn(a) < turn(b) ? -1 : 1)),
    ...all.filter((item) => !waits(item)).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)),
  ].filter(wanted);
}

const late = (item: Callback) => Date.parse(turn(item)) < Date.now();

function waitingOf({ world }: SignedCall) {
  const all = [...world.callbacks.values()].flat().filter(waits);
  const sites = world.sites.flatMap(({ id }) => {
    const some = all.filter((item) => item.site === id);
    return some.length ? [{ site: id, waiting: some.length, overdue: some.filter(late).length }] : [];
  });
  return { waiting: all.length, overdue: all.filter(late).length, more: false, sites };
}

function home(call: SignedCall): Home {
  const { world } = call;
  const waiting = waitingOf(call);
  const all = inboxOf({ ...call, query: new URLSearchParams({ state: 'waiting' }) });
  const today = new Date().toDateString();
  const sites = world.sites.map(({ id, name }) => {
    const totals = world.totals.get(id)!;
    const days = Array.from({ length: 14 }, (_, day) => (totals.submits ? (day * 5) % 9 : 0));
    return {
      ...{ id, name, waiting: 0, overdue: 0, ...waiting.sites.find((one) => one.site === id) },
      state: totals.impressions ? ('running' as const) : ('unseen' as const),
      figures: { days, totals, rate: totals.impressions < 30 ? null : totals.submits / totals.impressions },
    };
  });
  return {
    waiting,
    first: all.slice(0, 5),
    bookings: all.filter((item) => item.at && new Date(item.at).toDateString() === today),
    atRisk: all.filter((item) => item.promise && !late(item)).length,
    sites: sites.map(({ id, name, waiting, overdue, state, figures }) => ({
      ...{ id, name, waiting, overdue, state, figures },
    })),
    clients: world.clients.map(({ id, name }, n) => ({
      ...{ id, name, waiting: n, overdue: n % 2, more: false },
      since: n ? new Date(Date.now() - 7_200_000).toISOString() : null,
    })),
  };
}

export const signedIn: Routes<SignedCall> = {
  'GET /v1/callbacks/waiting': (call) => ({ status: 200, body: waitingOf(call) }),
  'GET /v1/home': (call) => ({ status: 200, body: home(call) }),
  'GET /v1/callbacks/inbox': (call) => ({
    status: 200,
    body: { ...paged(inboxOf(call), 6, call.query.get('cursor')), reached: null },
  }),
  'POST /v1/callbacks/find': (call) => {
    const text = String(call.body.text).toLowerCase();
    const digits = /^[\d\s()+-]+$/.test(text) ? text.replace(/\D/g, '').replace(/^0+/, '') : '';
    const found = inboxOf(call).filter(
      (item) =>
        (!call.body.site || item.site === call.body.site) &&
        ((digits && item.phone.includes(digits)) ||
          `${item.name} ${item.email} ${item.department} ${item.page} ${item.message} ${item.note}`
            .toLowerCase()
            .includes(text)),
    );
    return { status: 200, body: { ...paged(found, 5, call.body.cursor), reached: null } };
  },
  'POST /v1/callbacks/mark': ({ world, body }) => {
    const { items, mark: all } = body as unknown as CallbackMarks;
    const results = items.map(({ site, id, updatedAt, mark: own }) => {
      const item = world.callbacks.get(site)?.find((one) => one.id === id);
      const done = item ? mark(item, { ...(own ?? all), updatedAt }) : notFound();
      const { type, detail } = (done.body ?? {}) as { type?: string; detail?: string };
      return done.status === 200
        ? { id, callback: done.body, problem: null }
        : { id, callback: null, problem: { code: type?.split(':').pop(), detail } };
    });
    return { status: 200, body: { results } };
  },
};

export const ofSite: Routes<SiteCall> = {
  'POST /v1/sites/{id}/blocked-numbers': ({ body }) => ({
    status: 200,
    body: { blocked: body.blocked === true, by: 'Ada Lovelace', at: new Date().toISOString() },
  }),
  'GET /v1/sites/{id}/callbacks': ({ world, site, query }) => {
    const status = query.get('status');
    const some = world.callbacks
      .get(site.id)!
      .filter((item) => !status || item.status === status)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
    return { status: 200, body: paged(some, 5, query.get('cursor')) };
  },
  'PATCH /v1/sites/{id}/callbacks/{callbackId}': ({ world, site, params, body }) => {
    const item = world.callbacks.get(site.id)!.find((one) => one.id === params.callbackId);
    if (!item) return notFound();
    return mark(item, body as CallbackMark);
  },
};

function mark(item: Callback, wanted: CallbackMark): Answer {
  if (wanted.updatedAt && wanted.updatedAt !== item.updatedAt)
    return refuse(409, 'changed', 'Gina Rossi has changed this request in the meantime. Look at it again.');
  if (wanted.claim && item.claim && !item.claim.mine)
    return refuse(409, 'claimed', `${item.claim.name} is calling ${item.name}.`);
  const now = new Date().toISOString();
  const log = (what: Callback['history'][number]['what']) => item.history.push({ at: now, name: 'Ada Lovelace', what });
  if (typeof wanted.claim === 'boolean') {
    log(wanted.claim ? 'claimed' : 'released');
    const until = new Date(Date.now() + 600_000).toISOString();
    item.claim = wanted.claim ? { name: 'Ada Lovelace', mine: true, until } : null;
  }
  const status = wanted.outcome ? (wanted.outcome === 'no-answer' ? 'missed' : 'called') : wanted.status;
  if (status) {
    Object.assign(item, { status, outcome: wanted.outcome ?? null, claim: null, tryAt: null });
    log(wanted.outcome ?? status);
  }
  if (typeof wanted.assign === 'string') {
    const name = wanted.assign === 'me' ? 'Ada Lovelace' : 'Gina Rossi';
    item.assigned = wanted.assign ? { user: wanted.assign, name, mine: wanted.assign === 'me' } : null;
    log(wanted.assign ? 'assigned' : 'handed-back');
  }
  if (typeof wanted.tryAt === 'string') {
    item.tryAt = wanted.tryAt || null;
    if (wanted.tryAt) log('try-again');
  }
  if (typeof wanted.note === 'string') {
    item.note = wanted.note;
    log('noted');
  }
  item.updatedAt = now;
  return { status: 200, body: item };
}

/** A visitor's own request: the link of "cb_1" is "own-cb_1". */
function own({ world, params }: Call) {
  for (const site of world.sites) {
    const item = world.callbacks.get(site.id)!.find((one) => `own-${one.id}` === params.token);
    if (item) return { site, item };
  }
  return undefined;
}

const shown = (call: Call) => {
  const found = own(call);
  if (!found) return notFound();
  const { id, status, name, at, promise, claim, createdAt } = found.item;
  const waits = (status === 'new' || status === 'missed') && !at && !claim;
  const { name: site, timeZone } = found.site;
  const siteKey = call.world.hours.get(found.site.id)?.enabled ? found.site.key : null;
  return {
    status: 200,
    body: {
      id,
      status,
      site,
      siteKey,
      complainTo: found.site.key,
      complaint: ofRequest(call.world, id),
      timeZone,
      name,
      phone: '+44 ••• 123',
      at,
      promise,
      ahead: waits ? 3 : null,
      calling: claim !== null,
      blocked: call.world.blocked.has(id),
      createdAt,
    },
  };
};

export const open: Routes<Call> = {
  'GET /v1/callbacks/{token}': shown,
  'PATCH /v1/callbacks/{token}': (call) => {
    const item = own(call)?.item;
    if (!item) return notFound();
    if (call.body.neverCall === true) {
      call.world.blocked.add(item.id);
      if (item.status !== 'called') item.status = 'cancelled';
      return shown(call);
    }
    if (item.status === 'called')
      return refuse(
        409,
        'already-done',
        "This request has already been dealt with and can't be changed. You can still erase it.",
      );
    const { at, status } = call.body;
    if (typeof at === 'string') {
      if (Date.parse(at) < Date.now()) return invalid('at', 'This time has passed.');
      item.at = at;
    }
    if (status === 'cancelled') item.status = 'cancelled';
    return shown(call);
  },
  'DELETE /v1/callbacks/{token}': (call) => {
    const found = own(call);
    if (!found) return notFound();
    const list = call.world.callbacks.get(found.site.id)!;
    call.world.callbacks.set(
      found.site.id,
      list.filter((other) => other !== found.item),
    );
    return { status: 204 };
  },
};
