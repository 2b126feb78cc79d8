import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { OpeningHours, Site } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { Button } from '../../ui/button';
import { fieldId } from '../../ui/field';
import { type Errors, Form } from '../../ui/form';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { Preview } from './preview';
import { Spans } from './spans';
import './hours.css';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const NATIONS: [OpeningHours['bankHolidays'], string][] = [
  ['', 'Stay open on bank holidays'],
  ['england', 'England'],
  ['wales', 'Wales'],
  ['scotland', 'Scotland'],
  ['northern-ireland', 'Northern Ireland'],
];
const named = (day: string) => day[0]!.toUpperCase() + day.slice(1);

export function HoursPage({ site }: { site: Site }) {
  const { data, error, reload, set } = useLoad(`hours ${site.id}`, (signal) =>
    call('GET', '/v1/sites/{id}/hours', { path: { id: site.id }, signal }),
  );
  if (!data) return error ? <Failed error={error} retry={reload} /> : <Loading what="Loading opening hours" />;
  return <Editor key={data.version} site={site} stored={data} saved={set} />;
}

interface EditorProps {
  site: Site;
  stored: OpeningHours;
  saved: (hours: OpeningHours) => void;
}

function Editor({ site, stored, saved }: EditorProps) {
  const [hours, setHours] = useState(stored);
  const change = (part: Partial<OpeningHours>) => setHours({ ...hours, ...part });
  const fields = {
    week: 'Weekly hours',
    ...Object.fromEntries(DAYS.map((day) => [`week.${day}`, named(day)])),
    ...Object.fromEntries(hours.exceptions.map((_, n) => [`exceptions.${n}`, `Date ${n + 1}`])),
    leadMinutes: 'Lead time',
    horizonDays: 'Horizon',
    slotMinutes: 'Length of a slot',
    capacity: 'Calls in a slot',
    'promise.withinMinutes': 'Promised time',
    'promise.toleranceMinutes': 'Tolerance',
  };
  return (
    <div class="settings hours">
      <Form
        fields={fields}
        send={async () => {
          saved(await call('PUT', '/v1/sites/{id}/hours', { path: { id: site.id }, body: hours }));
          toast({ text: 'Opening hours saved.' });
        }}
      >
        {({ errors, busy }) => (
          <>
            <label class="hours-switch">
              <input
                type="checkbox"
                checked={hours.enabled}
                onChange={(event) => change({ enabled: event.currentTarget.checked })}
              />
              <span>
                Use opening hours
                <span class="field-hint">
                  Visitors choose among the times below. Otherwise any time can be asked for.
                </span>
              </span>
            </label>
            <Week hours={hours} change={change} errors={errors} />
            <Exceptions hours={hours} change={change} errors={errors} />
            <Booking hours={hours} change={change} errors={errors} />
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Save
              </Button>
            </div>
          </>
        )}
      </Form>
      <Preview site={site} hours={hours} />
    </div>
  );
}

interface PartProps {
  hours: OpeningHours;
  change: (part: Partial<OpeningHours>) => void;
  errors: Errors;
}

function Problem({ name, errors }: { name: string; errors: Errors }) {
  return errors[name] ? (
    <p class="field-error" id={fieldId(name)} tabIndex={-1}>
      {errors[name]}
    </p>
  ) : null;
}

function Week({ hours, change, errors }: PartProps) {
  return (
    <section class="hours-week" aria-labelledby="hours-week">
      <h2 id="hours-week">Weekly hours</h2>
      <Problem name="week" errors={errors} />
      {DAYS.map((day) => (
        <fieldset class="hours-day" key={day}>
          <legend>{named(day)}</legend>
          <Problem name={`week.${day}`} errors={errors} />
          <Spans
            of={named(day)}
            spans={hours.week.filter((row) => row.day === day)}
            change={(spans) =>
              change({
                week: [
                  ...hours.week.filter((row) => row.day !== day),
                  ...spans.map(({ from, to }) => ({ day, from, to })),
                ],
              })
            }
          />
        </fieldset>
      ))}
      <p class="field-hint">For hours past midnight, close at 00:00 and add the rest to the next day.</p>
    </section>
  );
}

function Exceptions({ hours, change, errors }: PartProps) {
  const { exceptions } = hours;
  const set = (index: number, part: Partial<(typeof exceptions)[number]>) =>
    change({ exceptions: exceptions.map((one, n) => (n === index ? { ...one, ...part } : one)) });
  return (
    <section aria-labelledby="hours-dates">
      <h2 id="hours-dates">Bank holidays and other dates</h2>
      <div class="field">
        <label for="hours-nation">Closed on the bank holidays of</label>
        <select
          id="hours-nation"
          class="input"
          value={hours.bankHolidays}
          onChange={(event) => change({ bankHolidays: event.currentTarget.value as OpeningHours['bankHolidays'] })}
        >
          {NATIONS.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </div>
      {exceptions.map((one, n) => (
        <fieldset class="hours-day" key={n}>
          <legend>Date {n + 1}</legend>
          <Problem name={`exceptions.${n}`} errors={errors} />
          <div class="hours-date">
            <input
              class="input"
              type="date"
              aria-label={`Date ${n + 1}`}
              value={one.date}
              onInput={(event) => set(n, { date: event.currentTarget.value })}
            />
            <input
              class="input"
              aria-label={`Date ${n + 1}, note`}
              placeholder="Note, such as Christmas Eve"
              maxLength={100}
              value={one.note}
              onInput={(event) => set(n, { note: event.currentTarget.value })}
            />
          </div>
          <Spans of={`Date ${n + 1}`} spans={one.spans} change={(spans) => set(n, { spans })} />
          <Button
            small
            look="bare"
            onClick={() => change({ exceptions: exceptions.filter((_, other) => other !== n) })}
          >
            Remove date {n + 1}
          </Button>
        </fieldset>
      ))}
      <Button small onClick={() => change({ exceptions: [...exceptions, { date: '', spans: [], note: '' }] })}>
        Add date
      </Button>
    </section>
  );
}

function Booking({ hours, change, errors }: PartProps) {
  const number = (
    name: string,
    label: string,
    hint: string,
    value: number,
    to: (n: number) => Partial<OpeningHours>,
  ) => (
    <div class="field">
      <label for={`hours-${name}`}>{label}</label>
      <p class="field-hint" id={`hours-${name}-hint`}>
        {hint}
      </p>
      <Problem name={name} errors={errors} />
      <input
        id={`hours-${name}`}
        class="input"
        type="number"
        inputMode="numeric"
        min={0}
        aria-describedby={`hours-${name}-hint`}
        value={value}
        onInput={(event) => change(to(Math.trunc(event.currentTarget.valueAsNumber) || 0))}
      />
    </div>
  );
  const { promise } = hours;
  return (
    <section aria-labelledby="hours-slots">
      <h2 id="hours-slots">Times and promises</h2>
      <div class="hours-numbers">
        {number('slotMinutes', 'Slot length', 'Minutes, 5 to 240.', hours.slotMinutes, (n) => ({ slotMinutes: n }))}
        {number('capacity', 'Calls in a slot', 'At most 50.', hours.capacity, (n) => ({ capacity: n }))}
        {number('leadMinutes', 'Lead time', 'Minutes before the first slot.', hours.leadMinutes, (n) => ({
          leadMinutes: n,
        }))}
        {number('horizonDays', 'Horizon', 'Days ahead, 1 to 90.', hours.horizonDays, (n) => ({ horizonDays: n }))}
        {number(
          'promise.withinMinutes',
          'Call promised within',
          'Minutes of open time; 0 promises nothing.',
          promise.withinMinutes,
          (n) => ({ promise: { ...promise, withinMinutes: n } }),
        )}
        {number(
          'promise.toleranceMinutes',
          'Tolerance of a slot',
          'Minutes after its start.',
          promise.toleranceMinutes,
          (n) => ({ promise: { ...promise, toleranceMinutes: n } }),
        )}
      </div>
    </section>
  );
}
