import createClient from 'openapi-fetch';
import type { PathsWithMethod } from 'openapi-typescript-helpers';
import type { paths } from './api.gen';
import { signOut, token } from './session';

/** A refusal or failure, in words that may be shown. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: Record<string, string> = {},
    readonly requestId = '',
    readonly retryAfter: number | null = null,
    /** Whatever else the problem says. */
    readonly extra: Record<string, unknown> = {},
  ) {
    super(`${status} ${code}`);
  }
}

/** What to tell somebody whose call failed. */
export const detailOf = (failure: unknown): string =>
  failure instanceof ApiError ? failure.detail : 'Something went wrong. Please try again.';

type Verb = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Path<V extends Verb> = PathsWithMethod<paths, Lowercase<V>>;
type Operation<V extends Verb, P extends Path<V>> = paths[P][Lowercase<V>];

// What an operation of docs/api.yaml takes: the names in its path, its query and its body.
type Parameters<O> = O extends { parameters: infer T } ? T : never;
type Taken<O> = (Parameters<O> extends { path: infer T } ? { path: T } : { path?: undefined }) &
  (Parameters<O> extends { query?: infer T } ? { query?: T } : { query?: undefined }) &
  (O extends { requestBody: { content: { 'application/json': infer T } } } ? { body: T } : { body?: undefined });

// What it returns when it succeeds: the body, or nothing.
type Body<R> = R extends { content: { 'application/json': infer T } } ? T : undefined;
type Succeeded<R> = [keyof R & (200 | 201 | 202)] extends [never] ? undefined : Body<R[keyof R & (200 | 201 | 202)]>;
type Returned<O> = O extends { responses: infer R } ? Succeeded<R> : never;

interface How {
  signal?: AbortSignal;
  /** Calls made without a login send no token, even when there is one. */
  open?: boolean;
  /** Sent again under the same key, it is done once. */
  once?: string;
}
type Options<O> = Taken<O> & How;
type Rest<O> = Record<string, never> extends Taken<O> ? [options?: Options<O>] : [options: Options<O>];

const client = createClient<paths>({
  headers: { accept: 'application/json' },
  credentials: 'omit',
  cache: 'no-store',
  redirect: 'error',
});
// The types above hold for every call; the library's own would be asked for each path at once.
const request = client.request as unknown as (
  verb: Verb,
  path: string,
  init: Record<string, unknown>,
) => Promise<{ data?: unknown; error?: unknown; response: Response }>;

const TIMEOUT = 15_000;
const PAUSES = [400, 1_200];
const PASSING = new Set([0, 429, 502, 503, 504]);

// The account that bearer calls act in; nothing means the person's first.
let account: string | null = null;
export function actAs(id: string | null): void {
  account = id;
}

/** One call of docs/api.yaml. A GET is tried again when the failure may pass; nothing that writes ever is. */
export async function call<V extends Verb, P extends Path<V>>(
  verb: V,
  path: P,
  ...[options]: Rest<Operation<V, P>>
): Promise<Returned<Operation<V, P>>> {
  const given = (options ?? {}) as Given;
  for (let tried = 0; ; tried++) {
    try {
      return (await once(verb, path, given)) as Returned<Operation<V, P>>;
    } catch (error) {
      const pause = PAUSES[tried];
      if (!(error instanceof ApiError) || verb !== 'GET' || !PASSING.has(error.status) || pause === undefined)
        throw error;
      if (error.retryAfter !== null && error.retryAfter > 3) throw error;
      await sleep(error.retryAfter === null ? pause : error.retryAfter * 1000, given.signal);
    }
  }
}

interface Given extends How {
  path?: Record<string, string>;
  query?: Record<string, string>;
  body?: unknown;
}

async function once(
  verb: Verb,
  path: string,
  { path: names, query, body, signal, open, once }: Given,
): Promise<unknown> {
  const headers: Record<string, string> = once ? { 'idempotency-key': once } : {};
  const bearer = open ? null : token();
  if (!open) {
    if (bearer === null) throw new ApiError(401, 'not-signed-in', 'You’ve been logged out.');
    headers.authorization = `Bearer ${bearer}`;
    if (account !== null) headers['mi-account'] = account;
  }
  const late = AbortSignal.timeout(TIMEOUT);
  let answer: Awaited<ReturnType<typeof request>>;
  try {
    answer = await request(verb, path, {
      params: { path: names, query },
      headers,
      body,
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof SyntaxError) return undefined; // a success whose text is no JSON
    throw late.aborted
      ? new ApiError(0, 'timeout', 'That took too long. Please try again.')
      : new ApiError(0, 'offline', 'We couldn’t reach Mi Connect. Check your connection and try again.');
  }
  if (answer.response.ok) return answer.data;

  const failure = problem(answer.response.status, answer.error, answer.response.headers.get('retry-after'));
  if (bearer !== null && answer.response.status === 401) signOut('expired', bearer);
  throw failure;
}

/** Reads an RFC 9457 answer; whatever else came back becomes a general sentence. */
export function problem(status: number, body: unknown, retryAfter: string | null): ApiError {
  const said = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const type = typeof said.type === 'string' ? said.type : '';
  const fields: Record<string, string> = {};
  if (Array.isArray(said.errors)) {
    for (const entry of said.errors as { field?: unknown; message?: unknown }[]) {
      if (typeof entry?.field === 'string' && typeof entry.message === 'string') fields[entry.field] ??= entry.message;
    }
  }
  const seconds = retryAfter === null ? NaN : Number(retryAfter);
  return new ApiError(
    status,
    type.startsWith('urn:mi-connect:problem:') ? type.slice('urn:mi-connect:problem:'.length) : `http-${status}`,
    typeof said.detail === 'string' && said.detail
      ? said.detail
      : 'Something went wrong on our side. Please try again.',
    fields,
    typeof said.requestId === 'string' ? said.requestId : '',
    Number.isFinite(seconds) && seconds >= 0 ? seconds : null,
    said,
  );
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
