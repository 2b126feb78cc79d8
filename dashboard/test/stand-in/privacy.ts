import { manifest } from '../../../shared/policy/build.mjs';
import { type Call, invalid, paged, type Routes, type SiteCall } from './routes';

/** What anybody may do: acknowledge the cookies, and complain. */
export const open: Routes<Call> = {
  'POST /v1/consent': ({ world, body }) => {
    if (body.revision !== manifest.history.at(-1).revision) return invalid('revision', 'Unknown.');
    const id = `r_${String(world.consents.size + 1).padStart(8, '0')}`;
    world.consents.set(id, 'given');
    return { status: 201, body: { id, ...body, at: new Date().toISOString() } };
  },
  'DELETE /v1/consent/{id}': ({ world, params }) => {
    world.consents.set(params.id!, 'withdrawn');
    return { status: 204 };
  },
  'POST /v1/complaints': ({ body }) =>
    String(body.email).includes('@')
      ? { status: 202, body: { id: 'd_00000001' } }
      : invalid('email', 'Enter a valid email address.'),
  'POST /v1/complaints/confirm': () => ({ status: 204 }),
};

const RIGHTS = {
  complain: 'https://connect.example/complain?site=k_1',
  regulator: 'https://ico.org.uk/make-a-complaint/',
};
const VERSION = 'v2';
const NOTICES = [
  {
    language: 'en',
    text: 'Callback button: it keeps mc_session.',
    html: '<section lang="en"><p>It keeps mc_session.</p></section>',
  },
];

const notice = ({ world }: SiteCall) => ({
  status: 200,
  body: {
    version: VERSION,
    notices: NOTICES,
    published: world.published,
    current: world.published[0]?.version === VERSION,
  },
});

const digits = (text: unknown) =>
  String(text ?? '')
    .replace(/\D/g, '')
    .replace(/^0/, '44');
const incomplete = (phone: unknown) => phone !== undefined && digits(phone).length < 11;
const phoneInvalid = () => invalid('phone', 'This is not a complete phone number.');

/** What is kept about a visitor, by phone or by email. */
const about = ({ world, site, body }: SiteCall) =>
  world.callbacks
    .get(site.id)!
    .filter((item) =>
      body.phone !== undefined ? digits(item.phone) === digits(body.phone) : item.email === body.email,
    );

export const ofSite: Routes<SiteCall> = {
  'GET /v1/sites/{id}/notice': notice,
  'POST /v1/sites/{id}/notice': (call) => {
    call.world.published.unshift({ version: String(call.body.version), at: new Date().toISOString() });
    return notice(call);
  },
  'GET /v1/sites/{id}/erasures': ({ world, query }) => ({
    status: 200,
    body: paged(world.erasures, 50, query.get('cursor')),
  }),
  'POST /v1/sites/{id}/export': (call) => {
    const { world, site, body } = call;
    if (incomplete(body.phone)) return phoneInvalid();
    const { items, next } = paged(about(call), 100, body.cursor);
    return {
      status: 200,
      body: {
        site: site.id,
        siteName: site.name,
        exportedAt: new Date().toISOString(),
        items: items.map((item) => ({ ...item, expiresAt: item.createdAt })),
        next,
        complaints: world.complaints.filter((one) => one.site === site.id),
        rights: RIGHTS,
      },
    };
  },
  'POST /v1/sites/{id}/blocked-numbers': ({ body }) =>
    incomplete(body.phone)
      ? phoneInvalid()
      : { status: 200, body: { blocked: body.blocked === true, by: null, at: null } },
  // As much as one call does; the receipt comes with the last.
  'POST /v1/sites/{id}/erase': (call) => {
    const { world, site, body } = call;
    if (incomplete(body.phone)) return phoneInvalid();
    const mine = about(call);
    const part = new Set(mine.slice(0, 1000));
    const left = world.callbacks.get(site.id)!.filter((item) => !part.has(item));
    world.callbacks.set(site.id, left);
    const complaintsKept = world.complaints.filter((one) => one.site === site.id).length;
    const kept = { complaintsKept, rights: RIGHTS };
    world.erasing += part.size;
    const [erased, more] = [world.erasing, part.size < mine.length];
    if (more) return { status: 200, body: { erased, more, receipt: null, ...kept } };
    world.erasing = 0;
    if (!erased) return { status: 200, body: { erased, more, receipt: null, ...kept } };
    const receipt = {
      id: `r_${world.erasures.length}`,
      via: body.phone ? ('phone' as const) : ('email' as const),
      count: erased,
      at: new Date().toISOString(),
    };
    world.erasures.unshift(receipt);
    return { status: 200, body: { erased, more, receipt, ...kept } };
  },
};
