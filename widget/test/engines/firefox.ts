import type { Engine, Launch } from './engine';
import { tool } from './tool';

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(script: string): Promise<unknown>;
  mouse: { click(x: number, y: number): Promise<void> };
  keyboard: { type(text: string): Promise<void>; press(key: string): Promise<void> };
}
interface Context {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}
interface Puppeteer {
  launch(options: object): Promise<{ createBrowserContext(): Promise<Context>; close(): Promise<void> }>;
}

const puppeteer = tool<{ default: Puppeteer }>('puppeteer-core').default;

export const launch: Launch = async ({ reducedMotion, forcedColours, largeText }): Promise<Engine> => {
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: process.env.FIREFOX || '/usr/bin/firefox-esr',
    extraPrefsFirefox: {
      'ui.prefersReducedMotion': reducedMotion ? 1 : 0,
      'browser.display.document_color_use': forcedColours ? 2 : 0,
      ...(largeText && { 'font.size.variable.x-western': 32 }),
    },
  });
  return {
    async open() {
      const context = await browser.createBrowserContext();
      const page = await context.newPage();
      return {
        goto: (url) => page.goto(url),
        back: () => page.evaluate('history.back()'),
        run: (act, ...given) => page.evaluate(`(${act})(...${JSON.stringify(given)})`) as never,
        press: (x, y) => page.mouse.click(x, y),
        type: (text) => page.keyboard.type(text),
        escape: () => page.keyboard.press('Escape'),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
};
