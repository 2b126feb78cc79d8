import { useEffect, useRef } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Site, WidgetDesign } from '../../lib/api.gen';
import { usePreview } from '../../lib/preview';
import { Button } from '../../ui/button';

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
  useEffect(() => () => widget.current?.remove(), []);
  const asked = JSON.stringify([site.id, site.key, site.name, design, lang]);
  const { preview, problem } = usePreview(asked, async (signal) => {
    const drawn = await call('POST', '/v1/sites/{id}/widget/preview', { path: { id: site.id }, body: design, signal });
    widget.current ??= ((await import(/* @vite-ignore */ address)) as { default: () => Preview }).default();
    if (signal.aborted) return drawn;
    const { texts, fields, promise, privacyUrl } = design;
    const own = { site: site.key, name: site.name, active: true, privacyUrl: privacyUrl || '/privacy' };
    const { look, labels } = drawn;
    widget.current.show({ ...own, look, labels, language: design.language, texts, fields, promise }, lang);
    return drawn;
  });
  const contrast = preview?.contrast;
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
