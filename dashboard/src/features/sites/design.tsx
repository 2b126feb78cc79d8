import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { SavedDesign, Site, WidgetDesign, WidgetTexts } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { Button } from '../../ui/button';
import { Form } from '../../ui/form';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { FieldsAsked, Languages, Look, Texts, Triggers } from './design-fields';
import { PreviewDesign } from './preview-design';

const fields: Record<string, string> = {
  colour: 'Colour',
  sideOffset: 'Distance from the side',
  bottomOffset: 'Distance from the bottom',
  language: 'Usual language',
  languages: 'Languages',
  privacyUrl: 'Privacy notice',
  'triggers.afterSeconds': 'After seconds',
  'triggers.scrolledPercent': 'After scrolling',
  'triggers.pages': 'Pages',
};

/** How a site's widget looks, what it says and asks, and when it opens. */
export function Design({ site }: { site: Site }) {
  const { data, error, reload, set } = useLoad(`widget ${site.id}`, (signal) =>
    call('GET', '/v1/sites/{id}/widget', { path: { id: site.id }, signal }),
  );
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Loading what="Loading the widget" />;
  return <Editor key={data.design.version} site={site} stored={data} saved={set} />;
}

interface EditorProps {
  site: Site;
  stored: SavedDesign;
  saved: (design: SavedDesign) => void;
}

function Editor({ site, stored, saved }: EditorProps) {
  const [design, setDesign] = useState(stored.design);
  const [lang, setLang] = useState(stored.design.language);
  const change = (part: Partial<WidgetDesign>) => setDesign({ ...design, ...part });
  const put = (body: WidgetDesign) => call('PUT', '/v1/sites/{id}/widget', { path: { id: site.id }, body });
  const own: WidgetTexts = design.texts[lang] ?? { button: '', title: '', lead: '' };
  const { previous } = stored;
  const undo = async () => {
    if (!previous) return;
    try {
      saved(await put({ ...previous, version: stored.design.version }));
      toast({ text: 'The last version is back.' });
    } catch (error) {
      toast({ text: detailOf(error), bad: true });
    }
  };
  return (
    <section aria-labelledby="settings-widget">
      <h2 id="settings-widget">Widget</h2>
      <Form
        fields={fields}
        send={async () => {
          saved(await put(design));
          toast({ text: 'Saved. Your pages have it within two minutes.' });
        }}
      >
        {({ errors, busy }) => (
          <>
            <Look design={design} change={change} errors={errors} />
            <Languages design={design} change={change} errors={errors} />
            <Texts
              lang={lang}
              offered={design.languages}
              choose={setLang}
              texts={own}
              change={(texts) => change({ texts: { ...design.texts, [lang]: { ...own, ...texts } } })}
            />
            <FieldsAsked design={design} change={change} errors={errors} />
            <Triggers design={design} change={change} errors={errors} />
            <div class="form-end">
              {previous && (
                <Button look="bare" onClick={undo}>
                  Bring back the last version
                </Button>
              )}
              <Button look="primary" type="submit" busy={busy}>
                Save widget
              </Button>
            </div>
          </>
        )}
      </Form>
      <PreviewDesign
        site={site}
        design={design}
        lang={design.languages.includes(lang as never) ? lang : design.language}
      />
    </section>
  );
}
