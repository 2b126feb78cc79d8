import type { adopt, h } from './dom';
import type { Statistics } from './statistics';

/** What GET /v1/widget/{key} answers. */
export interface Config {
  site: string;
  name: string;
  active: boolean;
  privacyUrl?: string;
  /** Shows the API that a beacon's sender has loaded this; the same for everybody. */
  proof?: string;
}

/** The body of a post: what both calls tell, and these fields. */
export type Pack = (fields: object) => string;

/** Calls the API, with a body by POST, without cookies and without a referrer; sent even when the page is left. */
export type Send = (path: string, body?: string, headers?: Record<string, string>) => Promise<Response>;

/** What the loader hands to the panel, so that the panel carries no second copy of it. */
export interface Context {
  root: ShadowRoot;
  config: Config;
  h: typeof h;
  adopt: typeof adopt;
  randomId(): string;
  pack: Pack;
  send: Send;
  counts: Statistics;
}

export interface Panel {
  open(): void;
  close(): void;
}
