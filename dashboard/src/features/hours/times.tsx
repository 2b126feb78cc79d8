import type { Department, OpeningHours } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { fieldId } from '../../ui/field';
import type { Errors } from '../../ui/form';
import { Spans } from './spans';

export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const named = (day: string) => day[0]!.toUpperCase() + day.slice(1);

/** When calls are taken: a site's or a department's. */
export type Times = Pick<OpeningHours & Department, 'week' | 'exceptions'>;

export interface TimesProps {
  times: Times;
  change: (part: Partial<Times>) => void;
  errors: Errors;
  /** What the names of fields begin with: "departments.0.". */
  of?: string;
  /** Whose they are, for those who hear the page. */
  whose?: string;
}

/** What the fields of some times are called in the summary of errors. */
export function timeFields(times: Times, of = '', whose = ''): Record<string, string> {
  return {
    [`${of}week`]: `${whose}Weekly hours`,
    ...Object.fromEntries(DAYS.map((day) => [`${of}week.${day}`, whose + named(day)])),
    [`${of}exceptions`]: `${whose}Dates`,
    ...Object.fromEntries(times.exceptions.map((_, n) => [`${of}exceptions.${n}`, `${whose}Date ${n + 1}`])),
  };
}

export function Problem({ name, errors }: { name: string; errors: Errors }) {
  return errors[name] ? (
    <p class="field-error" id={fieldId(name)} tabIndex={-1}>
      {errors[name]}
    </p>
  ) : null;
}

export function Week({ times, change, errors, of = '', whose = '' }: TimesProps) {
  return (
    <div class="hours-week">
      <Problem name={`${of}week`} errors={errors} />
      {DAYS.map((day) => (
        <fieldset class="hours-day" key={day}>
          <legend>{named(day)}</legend>
          <Problem name={`${of}week.${day}`} errors={errors} />
          <Spans
            of={whose + named(day)}
            spans={times.week.filter((row) => row.day === day)}
            change={(spans) =>
              change({
                week: [
                  ...times.week.filter((row) => row.day !== day),
                  ...spans.map(({ from, to }) => ({ day, from, to })),
                ],
              })
            }
          />
        </fieldset>
      ))}
    </div>
  );
}

export function Dates({ times, change, errors, of = '', whose = '' }: TimesProps) {
  const { exceptions } = times;
  const set = (index: number, part: Partial<(typeof exceptions)[number]>) =>
    change({ exceptions: exceptions.map((one, n) => (n === index ? { ...one, ...part } : one)) });
  return (
    <>
      <Problem name={`${of}exceptions`} errors={errors} />
      {exceptions.map((one, n) => (
        <fieldset class="hours-day" key={n}>
          <legend>Date {n + 1}</legend>
          <Problem name={`${of}exceptions.${n}`} errors={errors} />
          <div class="hours-date">
            <input
              class="input"
              type="date"
              aria-label={`${whose}Date ${n + 1}`}
              value={one.date}
              onInput={(event) => set(n, { date: event.currentTarget.value })}
            />
            <input
              class="input"
              aria-label={`${whose}Date ${n + 1}, note`}
              placeholder="Note, such as Christmas Eve"
              maxLength={100}
              value={one.note}
              onInput={(event) => set(n, { note: event.currentTarget.value })}
            />
          </div>
          <Spans of={`${whose}Date ${n + 1}`} spans={one.spans} change={(spans) => set(n, { spans })} />
          <Button
            small
            look="bare"
            aria-label={`${whose}Remove date ${n + 1}`}
            onClick={() => change({ exceptions: exceptions.filter((_, other) => other !== n) })}
          >
            Remove date {n + 1}
          </Button>
        </fieldset>
      ))}
      <Button
        small
        aria-label={`${whose}Add date`}
        onClick={() => change({ exceptions: [...exceptions, { date: '', spans: [], note: '' }] })}
      >
        Add date
      </Button>
    </>
  );
}
