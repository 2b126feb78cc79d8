// What must be alike in Chromium, Firefox and WebKit, on other people's pages. make test runs it in Chromium, make
// widget-test in all three: ENGINE=firefox, ENGINE=webkit.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, type TestContext, test } from 'node:test';
import { cannot, type Engine, engine, launch, type Settings } from './engines/engine';
import { PROBE, Visitor } from './engines/visitor';
import { builtWidget, type PageOptions, Pages, until } from './pages';

const strict =
  "default-src 'none'; script-src ORIGIN; connect-src ORIGIN; style-src 'none'; img-src data:; " +
  "require-trusted-types-for 'script'; trusted-types 'none'";

let widget: Awaited<ReturnType<typeof builtWidget>>;
before(async () => {
  widget = await builtWidget();
});
after(() => widget.remove());

const pin = async () =>
  JSON.parse(await readFile(join(widget.dir, 'widget-pinned.json'), 'utf8')) as { path: string; integrity: string };

/** The line of a page that pins this version. */
async function pinned(): Promise<string> {
  const { path, integrity } = await pin();
  const checked = `integrity="${integrity}" crossorigin="anonymous"`;
  return `<script async src="ORIGIN${path}" ${checked} data-site="key1"></script>`;
}

const fileOf = async (part: string) =>
  (await readdir(join(widget.dir, 'widget'))).find((name) => name.startsWith(`${part}-`))!;

function insert(src: string, integrity: string): void {
  const script = document.createElement('script');
  document.head.append(Object.assign(script, { crossOrigin: 'anonymous', integrity, src }));
}

/** Tests in browsers with these settings. */
function browsers(settings: Settings = {}) {
  let running: Engine;
  before(async () => {
    running = await launch(settings);
  });
  after(() => running.close());
  return async (t: TestContext, options: PageOptions = {}, address = '/shop?utm_source=news') => {
    const pages = await new Pages(widget.dir).start();
    pages.scripts['/probe.js'] = PROBE;
    t.after(() => pages.stop());
    const tab = await running.open();
    t.after(() => tab.close());
    const [path, query] = address.split('?');
    const url = pages.put(path!, { ...options, head: `<script src="ORIGIN/probe.js"></script>${options.head ?? ''}` });
    await tab.goto(query ? `${url}?${query}` : url);
    return { pages, tab, visitor: new Visitor(tab) };
  };
}

// Firefox has one window in front, and WebKit's driver one session.
describe(`in ${engine}`, { concurrency: engine === 'chromium' ? 4 : 1 }, () => {
  const visit = browsers();

  test('open, send, count', async (t) => {
    const { pages, visitor } = await visit(t);
    await visitor.open();
    await visitor.ask();
    await until('counted', () => pages.steps() === 'impression open submit');
    const [{ headers, body }] = pages.of('/v1/callbacks') as [{ headers: Record<string, string>; body: string }];
    const sent = JSON.parse(body) as Record<string, unknown>;
    assert.deepEqual(
      [sent.site, sent.page, sent.name, sent.phone],
      ['key1', `${pages.customer}/shop`, 'Anna Bell', '020 7946 0123'],
    );
    assert.match(headers['idempotency-key']!, /^[\w-]{22}$/);
    assert.deepEqual([headers.referer, headers.cookie], [undefined, undefined]);
    assert.ok(!body.includes(pages.beacons()[0]!.session), 'a request is not joined to a visit');
    assert.equal(pages.beacons()[0]!.source, 'news');
    assert.deepEqual(await visitor.stored(), ['session mc_session']);
    assert.equal(await visitor.faults(), '');
  });

  test('object: from then on nothing is stored or sent, on the next page neither', async (t) => {
    const { pages, tab, visitor } = await visit(t);
    await visitor.open();
    await until('counted', () => pages.steps() === 'impression open');
    await visitor.press('[role=switch]');
    await until('forgotten', async () => (await visitor.stored()).join() === 'local mc_cookies');
    await tab.goto(pages.put('/next', { head: '<script src="ORIGIN/probe.js"></script>' }));
    await visitor.open();
    await visitor.ask();
    assert.equal(pages.steps(), 'impression open');
    assert.deepEqual(await visitor.stored(), ['local mc_cookies']);
  });

  test('back from the back/forward cache it works, and counts nothing twice', async (t) => {
    const { pages, tab, visitor } = await visit(t);
    await visitor.open();
    await tab.escape();
    await until('counted', () => pages.steps() === 'impression open');
    await tab.goto(pages.put('/away', { key: null }));
    await tab.back();
    await until('restored', () => visitor.restored().catch(() => false));
    await visitor.open();
    await visitor.ask();
    await until('counted', () => pages.steps() === 'impression open submit');
  });

  test('a strict policy with Trusted Types is kept to the letter', async (t) => {
    const { pages, visitor } = await visit(t, { csp: strict });
    await visitor.open();
    assert.equal(await visitor.style('section button', 'background-color'), 'rgb(15, 118, 110)');
    await visitor.ask();
    await until('counted', () => pages.steps() === 'impression open submit');
    assert.equal(await visitor.faults(), '');
  });

  test('a single-page application that swaps its body and its address', async (t) => {
    const { pages, tab, visitor } = await visit(t);
    await visitor.see('section button');
    await tab.run(() => {
      history.pushState({}, '', '/basket?secret=1');
      document.documentElement.replaceChild(document.createElement('body'), document.body);
    });
    await visitor.open();
    await visitor.ask();
    assert.equal(JSON.parse(pages.of('/v1/callbacks')[0]!.body).page, `${pages.customer}/basket`);
    assert.equal(await visitor.faults(), '');
  });

  test('in a frame', async (t) => {
    const { pages, tab, visitor } = await visit(t, { key: null });
    pages.put('/framed', { head: '<script src="ORIGIN/probe.js"></script>' });
    await tab.run(() => {
      document.body.innerHTML = '<iframe src="/framed" style="width:420px;height:560px;border:0"></iframe>';
    });
    visitor.framed = true;
    await visitor.open();
    await visitor.ask();
    await until('counted', () => pages.steps() === 'impression open submit');
    assert.equal(await tab.run(() => document.querySelector('iframe')!.contentWindow!.eval('probe.faults.join()')), '');
  });

  test('twice by mistake', async (t) => {
    const again = '<script async src="ORIGIN/widget.js" data-site="key1"></script>';
    const { pages, tab, visitor } = await visit(t, { body: `<p>Taps.</p>${again}${again}` });
    await visitor.open();
    await visitor.ask();
    await until('counted', () => pages.steps() === 'impression open submit');
    assert.equal(await tab.run(() => document.querySelectorAll('mi-connect').length), 1);
    assert.equal(await visitor.faults(), '');
  });

  test('before <body>, in the way of the page', async (t) => {
    const { visitor } = await visit(t, { script: '<script src="ORIGIN/widget.js" data-site="key1"></script>' });
    await visitor.open();
    await visitor.ask();
    assert.equal(await visitor.faults(), '');
  });

  test('where the browser blocks storage nothing is counted, and everything works', async (t) => {
    // A page without an origin of its own: its storage throws, as it does for visitors who block all site data.
    const { pages, tab, visitor } = await visit(t, { csp: 'sandbox allow-scripts allow-forms' });
    assert.match(
      await tab.run(() => {
        try {
          return String(localStorage.length);
        } catch (reason) {
          return (reason as Error).name;
        }
      }),
      /SecurityError/,
    );
    await visitor.open();
    assert.equal(
      await tab.run(
        () => document.querySelector('mi-connect')!.shadowRoot!.querySelector<HTMLInputElement>('#count')!.disabled,
      ),
      true,
    );
    await visitor.ask();
    assert.equal(pages.steps(), '');
    assert.equal(await visitor.faults(), '');
  });

  test('patched prototypes', async (t) => {
    const { pages, visitor } = await visit(t, {
      head: `<script>
        Array.prototype.toJSON = String.prototype.toJSON = function () { return '<' + this + '>'; };
        Array.prototype.last = function () {};
        Object.prototype.extend = 1;
        Storage.prototype.setItem = () => { throw new Error('no'); };
        const original = window.fetch;
        window.fetch = (to, more) => (to.toLowerCase(), original(to, more));
        window.MiConnect = [['track', 1], null];
      </script>`,
    });
    await visitor.open();
    await visitor.ask();
    await until('counted', () => pages.steps() === 'impression open submit');
    assert.equal(await visitor.faults(), '');
  });

  test('hostile styles', async (t) => {
    const { visitor } = await visit(t, {
      head: `<style>
        body, body *, mi-connect { all: revert; display: block !important; position: static !important;
          font: 40px/3 cursive !important;
          color: red !important; letter-spacing: 1em !important; text-transform: uppercase !important;
          opacity: .3 !important;
          transform: rotate(9deg) !important; width: 7px !important; zoom: 1.5; visibility: hidden; }
        body { transform: translateY(3px); height: 4000px }
      </style>`,
    });
    const { width, height } = await visitor.see('section button');
    assert.ok(width > 120 && height >= 50 && height < 60, `${width} × ${height}`);
    await visitor.open();
    for (const [property, value] of [
      ['letter-spacing', 'normal'],
      ['text-transform', 'none'],
      ['font-size', '16px'],
    ] as const)
      assert.equal(await visitor.style('label', property), value, property);
    await visitor.ask();
    assert.equal(await visitor.faults(), '');
  });

  test('320 px: the panel takes the width and can be closed', async (t) => {
    const { pages, tab, visitor } = await visit(t, { key: null });
    pages.put('/framed');
    // A frame, since WebKit's window cannot be as narrow.
    await tab.run(() => {
      document.body.innerHTML = '<iframe src="/framed" style="width:320px;height:480px;border:0"></iframe>';
    });
    visitor.framed = true;
    await visitor.open();
    assert.equal(Math.round((await visitor.see('dialog')).width), 320);
    await visitor.see('.close');
    await visitor.ask();
    assert.equal(
      await tab.run(() => {
        const inside = document.querySelector('iframe')!.contentDocument!;
        const { scrollWidth, clientWidth } = inside.querySelector('mi-connect')!.shadowRoot!.querySelector('.sheet')!;
        return scrollWidth - clientWidth + inside.documentElement.scrollWidth;
      }),
      320,
      'nothing to scroll to the side',
    );
  });

  describe('a version that is pinned', () => {
    const taken = () => (window as { taken?: boolean }).taken ?? false;
    /** The part of another build under the name that the loader asks for. */
    const changed = 'window.taken = true; export default async () => ({ open() {}, close() {} });';

    test('it works with its own parts, under a strict policy too', async (t) => {
      const { pages, visitor } = await visit(t, { script: await pinned(), csp: strict });
      pages.configuration = { language: 'pl', labels: { en: 'Request a call', pl: 'Zamów rozmowę' } };
      await visitor.open();
      await visitor.ask();
      await until('counted', () => pages.steps() === 'impression open submit');
      assert.equal(await visitor.faults(), '');
    });

    for (const [name, script, expected] of [
      ['refuses a part that is not as it was', pinned, false],
      ['while the line that follows us takes it', undefined, true],
    ] as const)
      test(name, async (t) => {
        const { pages, tab, visitor } = await visit(t, { ...(script && { script: await script() }) });
        pages.scripts[`/widget/${await fileOf('panel')}`] = changed;
        await visitor.press('section button');
        await until('asked for', () => pages.of('/widget/panel').length);
        await new Promise((run) => setTimeout(run, 500));
        assert.equal(await tab.run(taken), expected);
      });

    test('a loader that is not as it was is refused by the browser', async (t) => {
      const { pages, tab } = await visit(t, { key: null, script: '' });
      const src = `${pages.origin}/widget/${await fileOf('widget')}`;
      pages.scripts[`/widget/${await fileOf('widget')}`] = 'window.taken = true;';
      const { integrity } = await pin();
      for (const [given, expected] of [
        [integrity, false],
        ['', true],
      ] as const) {
        await tab.run(insert, src, given);
        await new Promise((run) => setTimeout(run, 500));
        assert.equal(await tab.run(taken), expected);
      }
    });
  });

  test('right to left', async (t) => {
    const { tab, visitor } = await visit(t, {
      html: `<!doctype html><html lang="ar" dir="rtl"><head><script src="ORIGIN/probe.js"></script>
        <script async src="ORIGIN/widget.js" data-site="key1"></script></head><body>مرحبا</body></html>`,
    });
    await visitor.open();
    const [close, heading, phone] = [await visitor.see('.close'), await visitor.see('h2'), await visitor.see('#phone')];
    assert.ok(close.x < heading.x + heading.width / 2, 'Close is on the left');
    assert.equal(await visitor.style('#phone', 'direction'), 'ltr', 'a number is written from left to right');
    assert.equal(await visitor.style('h2', 'direction'), 'rtl');
    assert.ok(phone.width > 200);
    assert.equal(await tab.run(() => document.documentElement.scrollWidth <= innerWidth), true);
    assert.equal(await visitor.faults(), '');
  });
});

describe(`in ${engine}, with reduced motion`, () => {
  const visit = browsers({ reducedMotion: true });
  test('nothing moves', async (t) => {
    const { tab, visitor } = await visit(t);
    assert.equal(await tab.run(() => matchMedia('(prefers-reduced-motion: reduce)').matches), true);
    await visitor.open();
    assert.equal(await visitor.style('dialog', 'animation-name'), 'none');
  });
});

const unsized = cannot.includes('largeText') && `${engine} cannot be told a size of text`;
describe(`in ${engine}, with text twice as large`, { skip: unsized }, () => {
  const visit = browsers({ largeText: true });
  test('it is read and used', async (t) => {
    const { tab, visitor } = await visit(t);
    await visitor.open();
    assert.equal(await visitor.style('label', 'font-size'), '32px');
    await visitor.see('.close');
    await visitor.ask();
    assert.equal(
      await tab.run(() => {
        const { scrollWidth, clientWidth } = document.querySelector('mi-connect')!.shadowRoot!.querySelector('.sheet')!;
        return scrollWidth - clientWidth;
      }),
      0,
    );
  });
});

const uncoloured = cannot.includes('forcedColours') && `${engine} has no forced colours`;
describe(`in ${engine}, with forced colours`, { skip: uncoloured }, () => {
  const visit = browsers({ forcedColours: true });
  test('the button, the fields and the switch have an edge', async (t) => {
    const { tab, visitor } = await visit(t);
    assert.equal(await tab.run(() => matchMedia('(forced-colors: active)').matches), true);
    await visitor.open();
    for (const selector of ['section button', 'form > button', '#phone', '[role=switch]', 'dialog'])
      assert.doesNotMatch(await visitor.style(selector, 'border-top-color'), /rgba\(.*, 0\)|transparent/, selector);
    await visitor.ask();
  });
});
