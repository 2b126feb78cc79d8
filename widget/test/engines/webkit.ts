import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine, Launch, Settings } from './engine';
import { tool } from './tool';

interface Actions {
  move(to: { x: number; y: number }): Actions;
  click(): Actions;
  sendKeys(...keys: string[]): Actions;
  perform(): Promise<void>;
}
interface Driver {
  get(url: string): Promise<void>;
  executeScript(script: string): Promise<unknown>;
  actions(): Actions;
  quit(): Promise<void>;
}
interface Builder {
  usingServer(url: string): Builder;
  withCapabilities(capabilities: object): Builder;
  build(): Promise<Driver>;
}

const selenium = tool<{ Builder: new () => Builder; Key: { ESCAPE: string } }>('selenium-webdriver');

const MINI_BROWSER = process.env.MINI_BROWSER || '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

/** WebKitGTK knows no forced colours, and its driver no size of text. */
export const cannot: (keyof Settings)[] = ['forcedColours', 'largeText'];

/** Runs where there is a display: make widget-test gives it one without a screen. */
export const launch: Launch = async ({ reducedMotion }): Promise<Engine> => {
  const home = await mkdtemp(join(tmpdir(), 'webkit-'));
  await mkdir(join(home, 'gtk-3.0'));
  await writeFile(join(home, 'gtk-3.0/settings.ini'), `[Settings]\ngtk-enable-animations=${reducedMotion ? 0 : 1}\n`);
  const port = await freePort();
  const driver = spawn('WebKitWebDriver', ['-p', String(port)], {
    env: { ...process.env, XDG_CONFIG_HOME: home },
    stdio: 'ignore',
  });
  const server = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${server}/status`).catch(() => null))) {
    if (driver.exitCode !== null) throw new Error(`WebKitWebDriver ended with ${driver.exitCode}`);
    await new Promise((again) => setTimeout(again, 50));
  }
  return {
    // A driver has one session, which keeps nothing for the next.
    async open() {
      const session = await new selenium.Builder()
        .usingServer(server)
        .withCapabilities({
          browserName: 'MiniBrowser',
          'webkitgtk:browserOptions': { binary: MINI_BROWSER, args: ['--automation'] },
        })
        .build();
      const act = () => session.actions();
      return {
        goto: (url) => session.get(url),
        back: () => session.executeScript('history.back()'),
        run: (act, ...given) => session.executeScript(`return (${act})(...${JSON.stringify(given)})`) as never,
        press: (x, y) =>
          act()
            .move({ x: Math.round(x), y: Math.round(y) })
            .click()
            .perform(),
        type: (text) => act().sendKeys(text).perform(),
        escape: () => act().sendKeys(selenium.Key.ESCAPE).perform(),
        close: () => session.quit(),
      };
    },
    async close() {
      driver.kill();
      await rm(home, { recursive: true });
    },
  };
};

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => found(port));
    });
  });
}
