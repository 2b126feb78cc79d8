import type { OwnComplaint, SiteComplaint } from '../../src/lib/api.gen';
import type { World } from '../stand-in';
import { type Call, invalid, notFound, paged, type Routes, refuse, type SignedCall, type SiteCall } from './routes';

const DAY = 86_400_000;

/** A complaint about a site, made so many days ago. */
export function complaint(
  world: World,
  site: { id: string; name: string },
  given: Partial<SiteComplaint> = {},
  days = 3,
) {
  const made = Date.now() - days * DAY;
  const dueAt = new Date(Math.floor(made / DAY) * DAY + 30 * DAY);
  const at = new Date(made).toISOString();
  const one: SiteComplaint = {
    id: `d_${String(world.complaints.length + 1).padStart(8, '0')}`,
    site: site.id,
    siteName: site.name,
    request: null,
    name: 'Grace Hopper',
    phone: '+447700900123',
    email: 'grace@navy.example',
    message: 'You called me at night.\nPlease tell me where you have my number from, and delete it.',
    state: 'open',
    result: null,
    answer: '',
    createdAt: at,
    updatedAt: at,
    lastDay: new Date(dueAt.getTime() - DAY).toISOString().slice(0, 10),
    dueAt: dueAt.toISOString(),
    acknowledgedAt: at,
    answeredAt: null,
    expiresAt: null,
    history: [
      { at, what: 'received', by: '', text: '' },
      { at, what: 'acknowledged', by: '', text: '' },
    ],
    version: 1,
    ...given,
  };
  world.complaints.push(one);
  return one;
}

/** What the complainant sees. */
const own = (one: SiteComplaint): OwnComplaint => ({
  id: one.id,
  site: one.siteName,
  state: one.state,
  createdAt: one.createdAt,
  acknowledged: one.acknowledgedAt !== null,
  result: one.result,
  answer: one.answer,
  answeredAt: one.answeredAt,
  updates: one.history.filter((e) => e.what === 'update').map(({ at, text }) => ({ at, text })),
  link: `/complain?token=own-${one.id}`,
});

/** The complaint about a request; the link of "cb_1" is "own-cb_1", that of a complaint "own-" and its number. */
export const ofRequest = (world: World, request: string): OwnComplaint | null => {
  const found = world.complaints.find((one) => one.request === request || one.id === request);
  return found ? own(found) : null;
};

const shown = ({ world, params }: Call) => {
  const found = ofRequest(world, params.token!.slice('own-'.length));
  return found ? { status: 200, body: found } : notFound();
};

export const open: Routes<Call> = {
  'GET /v1/callbacks/{token}/complaint': shown,
  'PUT /v1/callbacks/{token}/complaint': (call) => {
    const { world, params, body } = call;
    const request = params.token!.slice('own-'.length);
    const site = world.sites.find((one) => world.callbacks.get(one.id)!.some((item) => item.id === request));
    if (!site) return notFound();
    if (!body.message) return invalid('message', 'Say what they should look into.');
    if (!ofRequest(world, request))
      complaint(world, site, { request, message: String(body.message), email: String(body.email ?? '') }, 0);
    return shown(call);
  },
  'GET /v1/widget/{key}': ({ world, params }) => {
    const site = world.sites.find((one) => one.key === params.key);
    return site ? { status: 200, body: { name: site.name } } : notFound();
  },
  'POST /v1/widget/{key}/complaints': ({ world, params, body }) => {
    const site = world.sites.find((one) => one.key === params.key);
    if (!site) return notFound();
    const email = String(body.email ?? '');
    if (email && !email.includes('@')) return invalid('email', 'Enter a valid email address.');
    return { status: 201, body: own(complaint(world, site, { message: String(body.message), email }, 0)) };
  },
};

export const signedIn: Routes<SignedCall> = {
  'GET /v1/site-complaints': ({ world, query }) => {
    const answered = query.get('state') === 'answered';
    const site = query.get('site');
    const all = world.complaints
      .filter((one) => (one.state === 'answered') === answered && (!site || one.site === site))
      .sort((a, b) => (answered ? -1 : 1) * a.dueAt.localeCompare(b.dueAt));
    return { status: 200, body: paged(all, 50, query.get('cursor')) };
  },
};

export const ofSite: Routes<SiteCall> = {
  'GET /v1/sites/{id}/complaints/{complaintId}': ({ world, params }) => {
    const found = world.complaints.find((one) => one.id === params.complaintId);
    return found ? { status: 200, body: found } : notFound();
  },
  'PATCH /v1/sites/{id}/complaints/{complaintId}': ({ world, params, body, user }) => {
    const found = world.complaints.find((one) => one.id === params.complaintId);
    if (!found) return notFound();
    if (body.version !== found.version)
      return refuse(
        409,
        'conflict',
        'Gina Agent changed this complaint while you were writing. See what is new before you send yours.',
      );
    const at = new Date().toISOString();
    const step = (what: SiteComplaint['history'][number]['what'], text = '') =>
      found.history.push({ at, what, by: user.name, text });
    found.version++;
    if (body.note) step('note', String(body.note));
    if (body.update) step('update', String(body.update));
    if (body.state) step(found.state === 'answered' ? 'reopened' : 'started');
    if (body.state || body.update) Object.assign(found, { state: 'in-progress', result: null, answer: '' });
    if (body.state) Object.assign(found, { answeredAt: null, expiresAt: null });
    if (body.answer) {
      step('answered');
      const expiresAt = new Date(Date.now() + 365 * DAY).toISOString();
      Object.assign(found, { state: 'answered', answer: body.answer, result: body.result, answeredAt: at, expiresAt });
    }
    return { status: 200, body: found };
  },
};
