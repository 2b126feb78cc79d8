import type { Callback, CallbackMark } from '../../src/lib/api.gen';
import { type Answer, type Call, invalid, notFound, paged, type Routes, refuse, type SiteCall } from './routes';

export const ofSite: Routes<SiteCall> = {
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
    Object.assign(item, { status, outcome: wanted.outcome ?? null, claim: null });
    log(wanted.outcome ?? status);
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
  const { id, status, name, at, promise, createdAt } = found.item;
  const { name: site, timeZone } = found.site;
  const siteKey = call.world.hours.get(found.site.id)?.enabled ? found.site.key : null;
  return {
    status: 200,
    body: { id, status, site, siteKey, timeZone, name, phone: '+44 ••• 123', at, promise, createdAt },
  };
};

export const open: Routes<Call> = {
  'GET /v1/callbacks/{token}': shown,
  'PATCH /v1/callbacks/{token}': (call) => {
    const item = own(call)?.item;
    if (!item) return notFound();
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
