import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { OpeningHours, Site } from '../../lib/api.gen';
import { useLoad } from '../../lib/load';
import { Button } from '../../ui/button';
import { type Errors, Form } from '../../ui/form';
import { Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { Departments, departmentFields } from './departments';
import { Preview } from './preview';
import { Dates, Problem, timeFields, Week } from './times';
import './hours.css';

const NATIONS: [OpeningHours['bankHolidays'], string][] = [
  ['', 'Stay open on bank holidays'],
  ['england', 'England'],
  ['wales', 'Wales'],
  ['scotland', 'Scotland'],
  ['northern-ireland', 'Northern Ireland'],
];

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
    ...timeFields(hours),
    ...departmentFields(hours.departments),
    leadMinutes: 'Lead time',
    horizonDays: 'Horizon',
    slotMinutes: 'Slot length',
    bufferMinutes: 'Pause between slots',
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
            <section aria-labelledby="hours-week">
              <h2 id="hours-week">Weekly hours</h2>
              <Week times={hours} change={change} errors={errors} />
              <p class="field-hint">For hours past midnight, close at 00:00 and add the rest to the next day.</p>
            </section>
            <section aria-labelledby="hours-dates">
              <h2 id="hours-dates">Bank holidays and other dates</h2>
              <BankHolidays hours={hours} change={change} />
              <Dates times={hours} change={change} errors={errors} />
            </section>
            <Booking hours={hours} change={change} errors={errors} />
            <Departments
              departments={hours.departments}
              site={hours}
              change={(departments) => change({ departments })}
              errors={errors}
            />
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

function BankHolidays({ hours, change }: Omit<PartProps, 'errors'>) {
  return (
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
        {number('bufferMinutes', 'Pause between slots', 'Minutes, for notes or rest.', hours.bufferMinutes, (n) => ({
          bufferMinutes: n,
        }))}
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
