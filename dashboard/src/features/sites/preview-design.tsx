import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, call } from '../../lib/api';
import type { DesignPreview, Site, WidgetDesign } from '../../lib/api.gen';
import { Button } from '../../ui/button';

const PAUSE = 400;

/** The widget's own preview, of its build: the button and the panel that visitors get. */
interface Preview {
  show(config: object, lang: string): void;
  open(): void;
  remove(): void;
}
const address = '/widget-preview.js';

/** Draws the real widget in the corner of this page, with what is not saved yet, and says whether it can be seen. */
export function PreviewDesign({ site, design, lang }: { site: Site; design: WidgetDesign; lang: string }) {
  const widget = useRef<Preview>(undefined);
  const [drawn, setDrawn] = useState<DesignPreview>();
  const [problem, setProblem] = useState('');
  const asked = JSON.stringify(design);
  useEffect(() => () => widget.current?.remove(), []);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const body = JSON.parse(asked) as WidgetDesign;
        const path = { id: site.id };
        const preview = await call('POST', '/v1/sites/{id}/widget/preview', { path, body, signal: stop.signal });
        widget.current ??= ((await import(/* @vite-ignore */ address)) as { default: () => Preview }).default();
        if (stop.signal.aborted) return;
        const { texts, fields, promise, privacyUrl } = body;
        const own = { site: site.key, name: site.name, active: true, privacyUrl: privacyUrl || '/privacy' };
        const { look, labels } = preview;
        widget.current.show({ ...own, look, labels, language: body.language, texts, fields, promise }, lang);
        setDrawn(preview);
        setProblem('');
      } catch (error) {
        if (stop.signal.aborted) return;
        setProblem(
          error instanceof ApiError ? (Object.values(error.fields)[0] ?? error.detail) : 'No preview for now.',
        );
      }
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [site.id, site.key, site.name, asked, lang]);
  const contrast = drawn?.contrast;
  return (
    <section class="card design-preview" aria-labelledby="design-preview">
      <h2 id="design-preview">Preview</h2>
      <p>The button in the corner of this page is your widget with these settings. Nothing you enter in it is sent.</p>
      {problem && <p class="field-error">{problem}</p>}
      {contrast && !problem && (
        <p role="status">
          {contrast.enough
            ? `Good contrast: the text is ${contrast.text} to 1 and the button ${contrast.page} to 1 on white.`
            : `Hard to see: the button is ${contrast.page} to 1 on a white page. Most people can see 3 to 1.`}
        </p>
      )}
      <Button small onClick={() => widget.current?.open()}>
        Open the form
      </Button>
    </section>
  );
}
