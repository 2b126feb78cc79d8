// A visitor of a page with the widget: finds by looking, presses where they see it.
import assert from 'node:assert/strict';
import { until } from '../pages';
import type { Tab } from './engine';

/** What a page has seen go wrong: a script of Mi Connect's origin, so that a strict policy lets it run. */
export const PROBE = `
window.probe = { faults: [], restored: false };
addEventListener('error', (event) => probe.faults.push('error: ' + event.message));
addEventListener('unhandledrejection', (event) => probe.faults.push('rejection: ' + event.reason));
addEventListener('securitypolicyviolation', (event) =>
  probe.faults.push('policy: ' + event.violatedDirective + ' ' + event.blockedURI));
addEventListener('pageshow', (event) => { probe.restored = event.persisted; });
`;

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  /** It is what a pointer in its middle meets. */
  met: boolean;
  text: string;
}

interface Probed {
  probe: { faults: string[]; restored: boolean };
}

export class Visitor {
  constructor(
    readonly tab: Tab,
    /** The widget is in the page's frame. */
    public framed = false,
  ) {}

  /** Where something of the widget is, once it is there. */
  async see(selector: string): Promise<Box> {
    let box: Box | null = null;
    await until(`${selector} is seen`, async () => {
      box = await this.tab.run(look, selector, this.framed);
      return box?.met;
    });
    return box!;
  }

  async press(selector: string): Promise<void> {
    const { x, y, width, height } = await this.see(selector);
    await this.tab.press(x + width / 2, y + height / 2);
  }

  async open(): Promise<void> {
    await this.press('section button');
    await this.see('h2');
    await this.still();
  }

  async fill(selector: string, text: string): Promise<void> {
    await this.press(selector);
    await this.tab.type(text);
  }

  /** Asks for a call as people do, and is thanked. */
  async ask(name = 'Anna Bell', phone = '020 7946 0123'): Promise<void> {
    await this.fill('#name', name);
    await this.fill('#phone', phone);
    await this.press('form > button');
    const { text } = await this.see('.done h2');
    assert.equal(text, `Thank you, ${name}.`);
  }

  /** Of a matching element in the widget, a property of its computed style. */
  style(selector: string, property: string): Promise<string> {
    return this.tab.run(styleOf, selector, property, this.framed);
  }

  /** Waits until what moves has come to rest. */
  still(): Promise<unknown> {
    return until('it rests', () => this.tab.run(atRest, this.framed));
  }

  /** One text: WebKit's driver asks a list for the toJSON that a page may have given it. */
  faults(): Promise<string> {
    return this.tab.run(() => (window as unknown as Probed).probe.faults.join('; '));
  }

  restored(): Promise<boolean> {
    return this.tab.run(() => (window as unknown as Partial<Probed>).probe?.restored ?? false);
  }

  stored(): Promise<string[]> {
    return this.tab.run(() => [
      ...Object.keys(sessionStorage).map((key) => `session ${key}`),
      ...Object.keys(localStorage).map((key) => `local ${key}`),
    ]);
  }
}

// These run in the page.

function look(selector: string, framed: boolean): Box | null {
  const frame = framed ? document.querySelector('iframe') : null;
  const inside = frame ? frame.contentDocument : document;
  const root = inside?.querySelector('mi-connect')?.shadowRoot;
  const found = root?.querySelector(selector);
  if (!found) return null;
  found.scrollIntoView({ block: 'nearest' });
  const { x, y, width, height } = found.getBoundingClientRect();
  const at = root!.elementFromPoint(x + width / 2, y + height / 2);
  const { x: left, y: top } = frame?.getBoundingClientRect() ?? { x: 0, y: 0 };
  const met = !!at && width > 0 && found.contains(at);
  return { x: x + left, y: y + top, width, height, met, text: found.textContent! };
}

function styleOf(selector: string, property: string, framed: boolean): string {
  const inside = framed ? document.querySelector('iframe')!.contentDocument! : document;
  const found = inside.querySelector('mi-connect')!.shadowRoot!.querySelector(selector)!;
  return inside.defaultView!.getComputedStyle(found).getPropertyValue(property);
}

function atRest(framed: boolean): boolean {
  const inside = framed ? document.querySelector('iframe')!.contentDocument! : document;
  const dialog = inside.querySelector('mi-connect')!.shadowRoot!.querySelector('dialog');
  return !!dialog && dialog.getAnimations().every(({ playState }) => playState === 'finished');
}
