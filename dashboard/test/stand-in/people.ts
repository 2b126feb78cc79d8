import type { AlertTimes, NotificationChoice } from '../../src/lib/api.gen';
import { invalid, notFound, type Routes, refuse, type SignedCall, type User } from './routes';

const lastOwner = (user: User) =>
  refuse(
    409,
    'last-owner',
    `You are the only owner of ${user.company}. Make someone else an owner first, or close the account: ` +
      'the logins of its members who are in no other account are deleted with it.',
  );

/** The person's own login, and the members and clients of the account. */
export const signedIn: Routes<SignedCall> = {
  'GET /v1/me': ({ world, user }) => {
    const { id, email, name } = user;
    const plan = { id: 'free', name: 'Free' };
    if (world.place === 'none') {
      const leaving = { id, email, name, deletesAt: '2026-12-27T10:00:00Z' };
      return { status: 200, body: { user: leaving, account: null, role: '', plan, accounts: [] } };
    }
    const account = { id: 'a_1', name: user.company, role: world.place === 'owner' ? 'owner' : 'agent' };
    const accounts = [account, ...world.accounts];
    return { status: 200, body: { user: { id, email, name }, account, role: account.role, plan, accounts } };
  },
  'PATCH /v1/me': ({ user, body }) => {
    if (!String(body.name ?? '').trim()) return invalid('name', 'Required.');
    user.name = String(body.name).trim();
    return { status: 204 };
  },
  'PATCH /v1/account': ({ user, body }) => {
    if (!String(body.name ?? '').trim()) return invalid('name', 'Required.');
    user.company = String(body.name).trim();
    return { status: 204 };
  },
  'GET /v1/notifications': ({ world }) => ({
    status: 200,
    body: {
      times: world.alertTimes,
      sites: world.sites.map(({ id, name }) => ({
        id,
        name,
        ...{ requests: 'at-once', departments: [], ...world.alerts.get(id) },
        siteDepartments: (world.hours.get(id)?.departments ?? []).map((one) => one.name),
      })),
    },
  }),
  'PUT /v1/notifications': ({ world, body }) => {
    const times = body as unknown as AlertTimes;
    if (!times.timeZone) return invalid('timeZone', 'Required.');
    if (times.quiet && times.quiet.from === times.quiet.to)
      return invalid('quiet.to', 'Must differ from the start: for no emails at all, turn your sites off.');
    world.alertTimes = times;
    return { status: 204 };
  },
  'PUT /v1/notifications/{id}': ({ world, params, body }) => {
    const id = params.id!;
    if (!world.sites.some((site) => site.id === id)) return notFound();
    const choice = body as unknown as NotificationChoice;
    if (!['at-once', 'daily', 'off'].includes(choice.requests))
      return invalid('requests', 'Must be at-once, daily or off.');
    world.alerts.set(id, choice);
    return { status: 204 };
  },
  'DELETE /v1/me': ({ world, user, body, bearer }) => {
    if (body.password !== user.password) return invalid('password', 'Wrong password.');
    if (world.factor && body.code !== '123456') return invalid('code', 'This code is wrong or has already been used.');
    if (world.place === 'owner') return lastOwner(user);
    world.sessions.delete(bearer);
    return { status: 204 };
  },
  'GET /v1/factors': ({ world }) => ({
    status: 200,
    body: { totp: world.factor, recoveryCodes: world.factor ? 10 : 0, passkeys: [], recoveryAt: null },
  }),
  'GET /v1/members': ({ world }) => ({ status: 200, body: { members: world.members } }),
  'DELETE /v1/members/{id}': ({ world, user, params }) => {
    if (params.id !== 'me') return notFound();
    if (world.place === 'owner') return lastOwner(user);
    world.place = 'none';
    return { status: 204 };
  },
  'GET /v1/invitations': ({ world }) => ({ status: 200, body: { invitations: world.invitations } }),
  'GET /v1/clients': ({ world }) => ({ status: 200, body: { clients: world.clients, invitations: [] } }),
  'DELETE /v1/clients/{id}': () => ({ status: 200, body: { closingAt: '2026-12-27T10:00:00Z' } }),
  'GET /v1/agencies': () => ({ status: 200, body: { agencies: [] } }),
};
