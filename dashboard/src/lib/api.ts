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

interface Options {
  body?: unknown;
  signal?: AbortSignal;
  /** Calls made without a login send no token, even when there is one. */
  open?: boolean;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

const TIMEOUT = 15_000;
const PAUSES = [400, 1_200];
const PASSING = new Set([0, 429, 502, 503, 504]);

// The account that bearer calls act in; nothing means the person's first.
let account: string | null = null;
export function actAs(id: string | null): void {
  account = id;
}

/** One call. A GET is tried again when the failure may pass; nothing that writes ever is. */
export async function call<T>(method: Method, path: string, options: Options = {}): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await once<T>(method, path, options);
    } catch (error) {
      const pause = PAUSES[tried];
      if (!(error instanceof ApiError) || method !== 'GET' || !PASSING.has(error.status) || pause === undefined)
        throw error;
      if (error.retryAfter !== null && error.retryAfter > 3) throw error;
      await sleep(error.retryAfter === null ? pause : error.retryAfter * 1000, options.signal);
    }
  }
}

async function once<T>(method: Method, path: string, { body, signal, open }: Options): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const bearer = open ? null : token();
  if (!open) {
    if (bearer === null) throw new ApiError(401, 'not-signed-in', 'You are logged out.');
    headers.authorization = `Bearer ${bearer}`;
    if (account !== null) headers['mi-account'] = account;
  }
  if (body !== undefined) headers['content-type'] = 'application/json';

  const late = AbortSignal.timeout(TIMEOUT);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, late]) : late,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw late.aborted
      ? new ApiError(0, 'timeout', 'No answer came in time. Please try again.')
      : new ApiError(0, 'offline', 'We could not reach Mi Connect. Check your connection and try again.');
  }
  if (response.ok) return (text ? parse(text) : undefined) as T;

  const failure = problem(response.status, parse(text), response.headers.get('retry-after'));
  if (bearer !== null && response.status === 401) signOut('expired', bearer);
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
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
