import { CHROMIUM, launch as start } from '../world';
import type { Engine, Launch, Tab } from './engine';

export const launch: Launch = async ({ reducedMotion, forcedColours, largeText }): Promise<Engine> => {
  // The shell has no back/forward cache.
  const browser = await start({
    executablePath: CHROMIUM,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    args: largeText ? ['--blink-settings=defaultFontSize=32'] : [],
  });
  return {
    async open() {
      const context = await browser.newContext({
        reducedMotion: reducedMotion ? 'reduce' : null,
        forcedColors: forcedColours ? 'active' : null,
      });
      const page = await context.newPage();
      return {
        goto: (url) => page.goto(url),
        // Playwright waits for a load, which a page from the cache does not have.
        back: () => page.evaluate(() => history.back()),
        run: (act, ...given) =>
          page.evaluate(`(${act})(...${JSON.stringify(given)})`) as ReturnType<Tab['run']> as never,
        press: (x, y) => page.mouse.click(x, y),
        type: (text) => page.keyboard.type(text),
        escape: () => page.keyboard.press('Escape'),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
};
