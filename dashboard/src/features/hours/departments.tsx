import type { Department, OpeningHours } from '../../lib/api.gen';
import { Button } from '../../ui/button';
import { fieldId } from '../../ui/field';
import type { Errors } from '../../ui/form';
import { Dates, Problem, timeFields, Week } from './times';

const MOST = 12;
const whose = (one: Department, n: number) => one.name || `Department ${n + 1}`;

/** What the fields of departments are called in the summary of errors. */
export const departmentFields = (departments: Department[]): Record<string, string> =>
  Object.assign(
    { departments: 'Departments' },
    ...departments.map((one, n) => ({
      [`departments.${n}.name`]: `Department ${n + 1}, name`,
      [`departments.${n}.capacity`]: `${whose(one, n)}, calls in a slot`,
      ...timeFields(one, `departments.${n}.`, `${whose(one, n)}, `),
    })),
  );

interface Props {
  departments: Department[];
  /** A new department begins with the site's hours. */
  site: OpeningHours;
  change: (departments: Department[]) => void;
  errors: Errors;
}

/** Parts of the business that visitors choose among, each with slots of its own. */
export function Departments({ departments, site, change, errors }: Props) {
  const add = () =>
    change([
      ...departments,
      { name: '', capacity: site.capacity, ownHours: false, week: site.week, exceptions: site.exceptions },
    ]);
  return (
    <section aria-labelledby="hours-departments">
      <h2 id="hours-departments">Departments</h2>
      <p class="field-hint">
        Visitors choose one of them. Each has slots of its own, so that a busy department does not close another.
      </p>
      <Problem name="departments" errors={errors} />
      {departments.map((one, n) => (
        <One
          key={n}
          one={one}
          n={n}
          errors={errors}
          change={(part) => change(departments.map((other, m) => (m === n ? { ...other, ...part } : other)))}
          remove={() => change(departments.filter((_, other) => other !== n))}
        />
      ))}
      {departments.length < MOST && (
        <Button small onClick={add}>
          Add department
        </Button>
      )}
    </section>
  );
}

interface OneProps {
  one: Department;
  n: number;
  change: (part: Partial<Department>) => void;
  remove: () => void;
  errors: Errors;
}

function One({ one, n, change, remove, errors }: OneProps) {
  const of = `departments.${n}.`;
  const name = whose(one, n);
  const times = { times: one, change, errors, of, whose: `${name}, ` };
  return (
    <fieldset class="hours-department">
      <legend>{name}</legend>
      <div class="hours-numbers">
        <div class="field">
          <label for={fieldId(`${of}name-input`)}>Name</label>
          <Problem name={`${of}name`} errors={errors} />
          <input
            id={fieldId(`${of}name-input`)}
            class="input"
            maxLength={60}
            value={one.name}
            onInput={(event) => change({ name: event.currentTarget.value })}
          />
        </div>
        <div class="field">
          <label for={fieldId(`${of}capacity-input`)}>Calls in a slot</label>
          <Problem name={`${of}capacity`} errors={errors} />
          <input
            id={fieldId(`${of}capacity-input`)}
            class="input"
            type="number"
            inputMode="numeric"
            min={1}
            value={one.capacity}
            onInput={(event) => change({ capacity: Math.trunc(event.currentTarget.valueAsNumber) || 0 })}
          />
        </div>
      </div>
      <label class="hours-switch">
        <input
          type="checkbox"
          checked={one.ownHours}
          onChange={(event) => change({ ownHours: event.currentTarget.checked })}
        />
        <span>
          Hours of its own
          <span class="field-hint">Otherwise those of the site. Bank holidays are always the site’s.</span>
        </span>
      </label>
      {one.ownHours && (
        <>
          <Week {...times} />
          <Dates {...times} />
        </>
      )}
      <Button small look="bare" onClick={remove}>
        Remove {name}
      </Button>
    </fieldset>
  );
}
