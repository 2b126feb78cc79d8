import type { adopt, h } from './dom';
import type { Statistics } from './statistics';
import type { write } from './storage';

export type Asked = 'off' | 'optional' | 'needed';

export interface Opening {
  open: boolean;
  changesAt: string | null;
}

/** What GET /v1/widget/{key} answers. */
export interface Config {
  site: string;
  name: string;
  active: boolean;
  privacyUrl?: string;
  /** Of a site with opening hours. */
  hours?: Opening & {
    timeZone: string;
    withinMinutes: number;
    departments?: (Opening & { name: string })[];
    /** The department that is chosen. */
    now?: Opening;
  };
  /** The same for everybody: shows the API that a beacon's sender has loaded this. */
  proof?: string;
  /** Spoken on pages in a language that is not among the labels. */
  language: string;
  /** What the button says in each language it is offered in. */
  labels: Record<string, string>;
  /** Declarations of custom properties: accent, on, link-light, link-dark, left, right, bottom, radius, scheme. */
  look?: string;
  /** The business's own words, by language. */
  texts?: Record<string, Partial<Record<'title' | 'lead', string>>>;
  fields?: { name: Asked; email: Asked; message: Asked };
  /** Whether the promise of a call within some minutes is shown. */
  promise?: boolean;
  /** When the panel opens by itself, once a page view. */
  triggers?: Triggers;
}

export interface Triggers {
  afterSeconds?: number;
  scrolledPercent?: number;
  onExit?: boolean;
  /** Paths, where * stands for anything; all pages when there is none. */
  pages?: string[];
}

/** The body of a post: what both calls tell, and these fields. */
export type Pack = (fields: object) => string;

/** Calls the API, with a body by POST, without cookies and without a referrer; sent even when the page is left. */
export type Send = (
  path: string,
  body?: string,
  headers?: Record<string, string>,
  method?: string,
) => Promise<Response>;

/** A part of the widget, by its file's name. */
export type Part = <T>(name: string) => Promise<T>;

/** What the loader hands to the panel, so that the panel carries no second copy of it. */
export interface Context {
  root: ShadowRoot;
  config: Config;
  lang: string;
  h: typeof h;
  adopt: typeof adopt;
  randomId(): string;
  pack: Pack;
  send: Send;
  counts: Statistics;
  write: typeof write;
  part: Part;
}

export interface PanelModule {
  default(context: Context): Promise<Panel>;
}

export interface Panel {
  open(): void;
  close(): void;
}
