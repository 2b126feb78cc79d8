import { type Call, deadLink, notFound, type Routes } from './routes';

const waiting = ({ world, body }: Call) => (body.token === 'approve' ? world.change : null);
const approve = (call: Call) => {
  const change = waiting(call);
  if (!change) return deadLink();
  change.approved = true;
  return { status: 202, body: {} };
};

/** A change of address; the link that approves it is "approve". */
export const open: Routes<Call> = {
  'GET /v1/email': ({ world }) => ({ status: 200, body: { email: world.users[0]!.email, pending: world.change } }),
  'DELETE /v1/email': ({ world }) => {
    if (!world.change) return notFound();
    world.change = null;
    return { status: 204 };
  },
  'POST /v1/email/open': (call) => {
    const change = waiting(call);
    if (!change) return deadLink();
    const { email: to, expiresAt } = change;
    return { status: 200, body: { from: call.world.users[0]!.email, to, expiresAt } };
  },
  'POST /v1/email/approve': approve,
  'POST /v1/email/confirm': approve,
  'POST /v1/email/cancel': (call) => {
    if (!waiting(call)) return deadLink();
    call.world.change = null;
    return { status: 204 };
  },
};
