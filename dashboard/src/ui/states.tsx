import type { ComponentChildren } from 'preact';
import type { ApiError } from '../lib/api';
import { Button } from './button';

/** Quiet bars in the shape of what comes; they stay unseen for a moment, so a fast answer does not flicker. */
export function Loading({ what = 'Loading', rows = 3 }: { what?: string; rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="visually-hidden">{what}…</span>
      {Array.from({ length: rows }, (_, i) => (
        <span class="loading-bar" key={i} aria-hidden="true" />
      ))}
    </div>
  );
}

export function Failed({ error, retry }: { error: ApiError; retry?: () => void }) {
  const missing = error.status === 404 || error.status === 403;
  return (
    <div class="state" role="alert">
      <h2>{missing ? 'Not found' : 'Couldn’t load this'}</h2>
      <p>{missing ? 'It may have been deleted, or it may belong to another account.' : error.detail}</p>
      {error.requestId && !missing && (
        <p class="small muted">
          If you contact us, quote <code>{error.requestId}</code>.
        </p>
      )}
      {retry && !missing && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

/** A refresh that failed, above figures that are still there. */
export function Stale({ error }: { error?: ApiError }) {
  return (
    <div role="status" class="stale-line">
      {error && <p class="stale">These figures may be out of date. {error.detail}</p>}
    </div>
  );
}

export function Empty({
  title,
  children,
  picture,
}: {
  title: string;
  children: ComponentChildren;
  picture?: ComponentChildren;
}) {
  return (
    <div class="state state-empty">
      {picture}
      <h2>{title}</h2>
      {children}
    </div>
  );
}
