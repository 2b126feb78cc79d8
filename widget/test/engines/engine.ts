// What the scenarios need of a browser, alike for the three engines. Each is driven by what drives it best: Chromium by
// Playwright, Firefox by Puppeteer over WebDriver BiDi, WebKit by Selenium over WebDriver.

/** What the visitor has set in the browser or the system. */
export interface Settings {
  reducedMotion?: boolean;
  forcedColours?: boolean;
  /** Twice the usual text. */
  largeText?: boolean;
}

export interface Engine {
  /** A page of a visitor who has not been here before. */
  open(): Promise<Tab>;
  close(): Promise<void>;
}

export interface Tab {
  goto(url: string): Promise<unknown>;
  back(): Promise<unknown>;
  run<A extends unknown[], R>(act: (...given: A) => R, ...given: A): Promise<Awaited<R>>;
  /** Presses the pointer where it is told, in pixels of the page. */
  press(x: number, y: number): Promise<unknown>;
  type(text: string): Promise<unknown>;
  escape(): Promise<unknown>;
  close(): Promise<unknown>;
}

export type Launch = (settings: Settings) => Promise<Engine>;

const engines: Record<string, () => Promise<{ launch: Launch; cannot?: (keyof Settings)[] }>> = {
  chromium: () => import('./chromium'),
  firefox: () => import('./firefox'),
  webkit: () => import('./webkit'),
};

export const engine = process.env.ENGINE || 'chromium';
export const { launch, cannot = [] } = await engines[engine]!();
