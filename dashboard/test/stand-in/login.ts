import { createHash } from 'node:crypto';
import {
  type Answer,
  type Call,
  deadLink,
  invalid,
  notFound,
  type Routes,
  refuse,
  type SignedCall,
  type User,
} from './routes';

/** A key of the right shape; no browser here asks a push service. */
export const PUSH_KEY = 'BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM';

export const LIFE = 7 * 24 * 3600;

const loggedIn = ({ world }: Call, user: User): Answer => ({
  status: 200,
  body: { token: world.token(user), expiresAt: new Date(Date.now() + LIFE * 1000).toISOString() },
});

/** Registering, its mailed link, and logging in. */
export const open: Routes<Call> = {
  'POST /v1/register': ({ world, body }) => {
    if (String(body.email).endsWith('@blocked.example')) return invalid('email', 'Enter a valid email address.');
    const user = {
      id: `u_${world.users.length + 1}`,
      email: String(body.email).toLowerCase(),
      password: '',
      name: String(body.name),
      company: String(body.company),
      verified: false,
      wish: { plan: body.plan, interval: body.interval },
    };
    world.users.push(user);
    world.links.set(`link-${world.users.length}`, user);
    return { status: 202, body: {} };
  },
  'POST /v1/verify/open': ({ world, body }) => {
    const user = world.links.get(String(body.token));
    if (!user) return deadLink();
    const { email, name, company, wish } = user;
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    return { status: 200, body: { email, name, company, expiresAt, ...wish } };
  },
  'POST /v1/verify': (call) => {
    const { world, body } = call;
    const user = world.links.get(String(body.token));
    if (!user) return deadLink();
    if (String(body.password).toLowerCase() === 'password') return invalid('password', 'This password is too common.');
    world.links.delete(String(body.token));
    Object.assign(user, {
      verified: true,
      password: String(body.password),
      name: String(body.name),
      company: String(body.company),
    });
    return loggedIn(call, user);
  },
  'POST /v1/login': (call) => {
    const { world, body } = call;
    const user = world.users.find((one) => one.email === String(body.email).toLowerCase() && one.verified);
    if (!user || user.password !== body.password) return refuse(401, 'login-refused', 'Wrong email or password.');
    return loggedIn(call, user);
  },
};

/** Ending a login, here and elsewhere. */
export const signedIn: Routes<SignedCall> = {
  'POST /v1/logout': ({ world, bearer }) => ({ status: world.sessions.delete(bearer) ? 204 : 401 }),
  'GET /v1/sessions': ({ world, bearer }) => ({
    status: 200,
    body: {
      sessions: [...world.sessions].map(([token, { user: _, ...session }]) => ({
        ...session,
        current: token === bearer,
      })),
    },
  }),
  'GET /v1/push': ({ world }) => ({ status: 200, body: { publicKey: PUSH_KEY, devices: world.pushDevices } }),
  'POST /v1/push': ({ world, body }) => {
    if (body.publicKey !== PUSH_KEY) return invalid('publicKey', 'Not our key, or not any more: subscribe again.');
    const id = createHash('sha256').update(String(body.endpoint)).digest().subarray(0, 16).toString('base64url');
    const device = { id, device: 'Chrome on Linux', createdAt: new Date().toISOString(), current: true };
    world.pushDevices = [device, ...world.pushDevices.filter((one) => one.id !== id)];
    return { status: 200, body: device };
  },
  'DELETE /v1/push/{id}': ({ world, params }) => {
    if (!world.pushDevices.some((one) => one.id === params.id)) return notFound();
    world.pushDevices = world.pushDevices.filter((one) => one.id !== params.id);
    return { status: 204 };
  },
  'DELETE /v1/sessions': ({ world, bearer }) => {
    for (const token of world.sessions.keys()) if (token !== bearer) world.sessions.delete(token);
    return { status: 204 };
  },
  'DELETE /v1/sessions/{id}': ({ world, params }) => {
    for (const [token, session] of world.sessions) if (session.id === params.id) world.sessions.delete(token);
    return { status: 204 };
  },
};
