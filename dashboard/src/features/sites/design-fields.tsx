import type { ComponentChildren } from 'preact';
import languages from '../../../../shared/design/labels.json';
import type { WidgetDesign, WidgetTexts } from '../../lib/api.gen';
import { fieldId } from '../../ui/field';
import type { Errors } from '../../ui/form';

export interface PartProps {
  design: WidgetDesign;
  change: (part: Partial<WidgetDesign>) => void;
  errors: Errors;
}

type Language = WidgetDesign['language'];

/** A labelled control whose value is held above, with its error and hint. */
function Row(props: { name: string; label: string; hint?: string; error?: string; children: ComponentChildren }) {
  const { name, label, hint, error, children } = props;
  return (
    <div class={`field${error ? ' field-wrong' : ''}`}>
      <label for={fieldId(name)}>{label}</label>
      {children}
      {error && <p class="field-error">{error}</p>}
      {hint && (
        <p class="field-hint" id={`${fieldId(name)}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function Choice<V extends string>(props: {
  name: string;
  label: string;
  value: V;
  options: readonly (readonly [V, string])[];
  change: (value: V) => void;
  error?: string;
}) {
  const { name, label, value, options, change, error } = props;
  return (
    <Row name={name} label={label} error={error}>
      <select
        id={fieldId(name)}
        class="input"
        value={value}
        onChange={(event) => change(event.currentTarget.value as V)}
      >
        {options.map(([id, text]) => (
          <option key={id} value={id}>
            {text}
          </option>
        ))}
      </select>
    </Row>
  );
}

function Amount(props: {
  name: string;
  label: string;
  most: number;
  value: number;
  change: (value: number) => void;
  hint?: string;
  error?: string;
}) {
  const { name, label, most, value, change, hint, error } = props;
  return (
    <Row name={name} label={label} hint={hint} error={error}>
      <input
        id={fieldId(name)}
        class="input"
        type="number"
        min={0}
        max={most}
        value={value}
        aria-describedby={hint && `${fieldId(name)}-hint`}
        onInput={(event) => change(Math.round(event.currentTarget.valueAsNumber) || 0)}
      />
    </Row>
  );
}

export function Look({ design, change, errors }: PartProps) {
  return (
    <div class="design-grid">
      <Row name="colour" label="Colour" error={errors.colour}>
        <input
          id={fieldId('colour')}
          class="input design-colour"
          type="color"
          value={design.colour}
          onInput={(event) => change({ colour: event.currentTarget.value })}
        />
      </Row>
      <Choice
        name="scheme"
        label="Light or dark"
        value={design.scheme}
        options={[
          ['page', 'As the page'],
          ['light', 'Always light'],
          ['dark', 'Always dark'],
          ['system', 'As the visitor’s device'],
        ]}
        change={(scheme) => change({ scheme })}
      />
      <Choice
        name="shape"
        label="Shape"
        value={design.shape}
        options={[
          ['pill', 'Pill'],
          ['rounded', 'Rounded'],
          ['square', 'Square'],
        ]}
        change={(shape) => change({ shape })}
      />
      <Choice
        name="position"
        label="Corner"
        value={design.position}
        options={[
          ['right', 'Bottom right'],
          ['left', 'Bottom left'],
        ]}
        change={(position) => change({ position })}
      />
      <Amount
        name="sideOffset"
        label="Distance from the side, in pixels"
        most={200}
        value={design.sideOffset}
        change={(sideOffset) => change({ sideOffset })}
        error={errors.sideOffset}
      />
      <Amount
        name="bottomOffset"
        label="Distance from the bottom, in pixels"
        most={200}
        value={design.bottomOffset}
        change={(bottomOffset) => change({ bottomOffset })}
        error={errors.bottomOffset}
      />
    </div>
  );
}

export function Languages({ design, change, errors }: PartProps) {
  return (
    <>
      <fieldset class="design-checks">
        <legend>Languages</legend>
        <p class="field-hint">The widget speaks the language of the page where it is one of these.</p>
        {languages.map(({ lang, name }) => (
          <label key={lang}>
            <input
              type="checkbox"
              checked={design.languages.includes(lang as Language)}
              onChange={(event) => {
                const others = design.languages.filter((one) => one !== lang);
                change({ languages: event.currentTarget.checked ? [...others, lang as Language] : others });
              }}
            />
            <span lang={lang}>{name}</span>
          </label>
        ))}
        {errors.languages && <p class="field-error">{errors.languages}</p>}
      </fieldset>
      <Choice
        name="language"
        label="On pages in any other language"
        value={design.language}
        options={languages.map(({ lang, name }) => [lang as Language, name] as const)}
        change={(language) => change({ language })}
        error={errors.language}
      />
    </>
  );
}

export function Texts(props: {
  lang: string;
  offered: string[];
  choose: (lang: Language) => void;
  texts: WidgetTexts;
  change: (texts: Partial<WidgetTexts>) => void;
}) {
  const { lang, offered, choose, texts, change } = props;
  const line = (name: keyof WidgetTexts, label: string, most: number, hint: string) => (
    <Row name={`texts-${name}`} label={label} hint={hint}>
      <input
        id={fieldId(`texts-${name}`)}
        class="input"
        maxLength={most}
        lang={lang}
        dir="auto"
        value={texts[name]}
        placeholder={name === 'button' ? languages.find((one) => one.lang === lang)?.label : undefined}
        aria-describedby={`${fieldId(`texts-${name}`)}-hint`}
        onInput={(event) => change({ [name]: event.currentTarget.value })}
      />
    </Row>
  );
  return (
    <>
      <Choice
        name="texts-language"
        label="Your own words, in"
        value={lang as Language}
        options={languages.filter((one) => offered.includes(one.lang)).map((one) => [one.lang as Language, one.name])}
        change={choose}
      />
      {line('button', 'Button', 40, 'Left empty, each is the widget’s own.')}
      {line('title', 'Title', 120, '{site} stands for the site’s name.')}
      {line('lead', 'Sentence below it', 120, 'What happens when the form is sent.')}
    </>
  );
}

const ASKED = [
  ['off', 'Not asked'],
  ['optional', 'Optional'],
  ['needed', 'Needed'],
] as const;

export function FieldsAsked({ design, change, errors }: PartProps) {
  const field = (name: keyof WidgetDesign['fields'], label: string) => (
    <Choice
      name={`fields-${name}`}
      label={label}
      value={design.fields[name]}
      options={ASKED}
      change={(asked) => change({ fields: { ...design.fields, [name]: asked } })}
    />
  );
  return (
    <>
      <div class="design-grid">
        {field('name', 'Name')}
        {field('email', 'Email')}
        {field('message', 'Message')}
      </div>
      <Row
        name="privacyUrl"
        label="Your privacy notice"
        hint="Linked in the form. Left empty, ours is."
        error={errors.privacyUrl}
      >
        <input
          id={fieldId('privacyUrl')}
          class="input"
          inputMode="url"
          value={design.privacyUrl}
          placeholder="https://www.example.com/privacy"
          onInput={(event) => change({ privacyUrl: event.currentTarget.value })}
        />
      </Row>
      <label class="design-check">
        <input
          type="checkbox"
          checked={design.promise}
          onChange={(event) => change({ promise: event.currentTarget.checked })}
        />
        <span>Show the promise of your opening hours before a request is sent</span>
      </label>
    </>
  );
}

export function Triggers({ design, change, errors }: PartProps) {
  const set = (part: Partial<WidgetDesign['triggers']>) => change({ triggers: { ...design.triggers, ...part } });
  const { afterSeconds, scrolledPercent, onExit, pages } = design.triggers;
  return (
    <fieldset class="design-checks">
      <legend>Open by itself</legend>
      <p class="field-hint">At most once a page view. Nothing is stored for it. 0 means never.</p>
      <div class="design-grid">
        <Amount
          name="triggers.afterSeconds"
          label="After seconds"
          most={600}
          value={afterSeconds}
          change={(n) => set({ afterSeconds: n })}
          error={errors['triggers.afterSeconds']}
        />
        <Amount
          name="triggers.scrolledPercent"
          label="After scrolling, in percent"
          most={100}
          value={scrolledPercent}
          change={(n) => set({ scrolledPercent: n })}
          error={errors['triggers.scrolledPercent']}
        />
      </div>
      <label class="design-check">
        <input type="checkbox" checked={onExit} onChange={(event) => set({ onExit: event.currentTarget.checked })} />
        <span>When the pointer leaves the page by its top</span>
      </label>
      <Row
        name="triggers.pages"
        label="Only on these pages"
        hint="Paths, one a line; * stands for anything: /shop/*. Left empty, on all."
        error={errors['triggers.pages']}
      >
        <textarea
          id={fieldId('triggers.pages')}
          class="input"
          rows={3}
          value={pages.join('\n')}
          aria-describedby={`${fieldId('triggers.pages')}-hint`}
          onChange={(event) => set({ pages: event.currentTarget.value.split(/\s+/).filter(Boolean) })}
        />
      </Row>
    </fieldset>
  );
}
