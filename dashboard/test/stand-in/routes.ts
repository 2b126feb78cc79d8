import type { paths, Session, Site } from '../../src/lib/api.gen';
import type { World } from '../stand-in';

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  bearer: string;
  body: Record<string, unknown>;
}

export interface User {
  id: string;
  email: string;
  password: string;
  name: string;
  company: string;
  /** The plan chosen before there was an account. */
  wish?: { plan?: unknown; interval?: unknown };
  verified: boolean;
}

export type Login = Session & { user: User };

/** A call for everybody, one for people who are logged in, and one about a site that exists. */
export type Call = Asked & { world: World; params: Record<string, string> };
export type SignedCall = Call & { user: User };
export type SiteCall = SignedCall & { site: Site };

type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Operation = {
  [P in keyof paths & string]: {
    [V in Verb]: Lowercase<V> extends keyof paths[P]
      ? paths[P][Lowercase<V>] extends { responses: unknown }
        ? `${V} ${P}`
        : never
      : never;
  }[Verb];
}[keyof paths & string];

/** What is returned for an operation of docs/api.yaml; one that the document does not have is refused by the types. */
export type Routes<C> = Partial<Record<Operation, (call: C) => Answer>>;

export const refuse = (
  status: number,
  code: string,
  detail: string,
  errors?: { field: string; message: string }[],
): Answer => ({
  status,
  body: {
    type: `urn:mi-connect:problem:${code}`,
    title: code,
    status,
    detail,
    requestId: 'req-7f3a',
    ...(errors && { errors }),
  },
  headers: { 'content-type': 'application/problem+json' },
});

export const invalid = (field: string, message: string): Answer =>
  refuse(400, 'invalid', 'Some fields are invalid.', [{ field, message }]);
export const notFound = (): Answer => refuse(404, 'not-found', 'Not found.');
export const deadLink = (): Answer =>
  refuse(400, 'link-invalid', 'This link has expired, has already been used or is incomplete. Request a new one.');

/** A page of a list, whose cursor is how many came before. */
export const paged = <T>(all: T[], size: number, cursor: unknown): { items: T[]; next: string | null } => {
  const from = Number(cursor || 0);
  return { items: all.slice(from, from + size), next: from + size < all.length ? String(from + size) : null };
};
