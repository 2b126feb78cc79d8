import { useRef, useState } from 'preact/hooks';
import type { SiteSettings } from '../../lib/api.gen';
import { toOrigin, wwwPair } from '../../lib/check';
import { useMe } from '../../lib/me';
import plans from '../../lib/plans.json';
import { Button } from '../../ui/button';
import { Field, fieldId, Select } from '../../ui/field';
import type { Errors } from '../../ui/form';
import { text } from '../../ui/form';

// The parts of a site's form that adding and changing share.

const MOST = 20;
export const originField = (index: number): string => (index === 0 ? 'origins' : `origins-${index}`);
const originLabel = (index: number): string => (index === 0 ? 'Website address' : `Address ${index + 1}`);

export const siteFields: Record<string, string> = {
  name: 'Name',
  ...Object.fromEntries(Array.from({ length: MOST }, (_, i) => [originField(i), originLabel(i)])),
  timeZone: 'Time zone',
  retentionDays: 'Keep requests for',
};

export function checkSite(values: FormData): Errors {
  const errors: Errors = {};
  if (!text(values, 'name')) errors.name = 'Enter a name for the site.';
  const typed = originsTyped(values);
  typed.forEach(([field, value], index) => {
    // Empty lines beyond the first are simply left out.
    if (!value && (index > 0 || typed.some(([, other]) => other))) return;
    const result = toOrigin(value);
    if ('error' in result) errors[field] = result.error;
  });
  return errors;
}

export function siteBody(values: FormData): SiteSettings {
  const origins = originsTyped(values).flatMap(([, value]) => {
    const result = toOrigin(value);
    return 'origin' in result ? [result.origin] : [];
  });
  const days = Number(text(values, 'retentionDays'));
  return {
    name: text(values, 'name'),
    origins: [...new Set(origins)],
    timeZone: text(values, 'timeZone'),
    ...(days && { retentionDays: days }),
  };
}

function originsTyped(values: FormData): [string, string][] {
  return Array.from({ length: MOST }, (_, i) => originField(i))
    .filter((field) => values.has(field))
    .map((field) => [field, text(values, field)]);
}

export function OriginFields({ start, errors }: { start: string[]; errors: Errors }) {
  const serial = useRef(0);
  const [rows, setRows] = useState(() =>
    (start.length ? start : ['']).map((value) => ({ id: serial.current++, value })),
  );
  const [understood, understand] = useState<Record<number, string>>({});

  /** Cuts a pasted page's address to its origin, and says so. */
  function cut(id: number, input: HTMLInputElement): void {
    const result = toOrigin(input.value);
    const origin = 'origin' in result ? result.origin : '';
    if (origin) input.value = origin;
    understand((all) => ({ ...all, [id]: origin }));
  }

  const focusAfter = (index: number) =>
    requestAnimationFrame(() => document.getElementById(fieldId(originField(index)))?.focus());

  return (
    <fieldset class="origins">
      <legend>Allowed websites</legend>
      <p class="field-hint">
        The widget works only on these websites, so nobody else can send requests to your inbox. Paste the address of
        any page.
      </p>
      {rows.map((row, index) => (
        <div class="origin" key={row.id}>
          <Field
            label={originLabel(index)}
            name={originField(index)}
            defaultValue={row.value}
            inputMode="url"
            autocapitalize="off"
            spellcheck={false}
            placeholder={index === 0 ? 'https://example.com' : undefined}
            onChange={(event) => cut(row.id, event.currentTarget)}
            hint={<Understood origin={understood[row.id] ?? row.value} />}
            error={errors[originField(index)]}
          />
          {rows.length > 1 && (
            <Button
              small
              look="bare"
              aria-describedby={`${fieldId(originField(index))}-label`}
              onClick={() => {
                setRows(rows.filter((other) => other !== row));
                focusAfter(Math.max(0, index - 1));
              }}
            >
              Remove
            </Button>
          )}
        </div>
      ))}
      {rows.length < MOST && (
        <Button
          small
          onClick={() => {
            setRows([...rows, { id: serial.current++, value: '' }]);
            focusAfter(rows.length);
          }}
        >
          Add address
        </Button>
      )}
    </fieldset>
  );
}

/** Which pages an address stands for. Read out when it changes. */
function Understood({ origin }: { origin: string }) {
  const pair = origin && wwwPair(origin);
  return (
    <span role="status">
      {origin && (
        <>
          All pages of <span class="break">{new URL(origin).host}</span>
          {pair && (
            <>
              {' '}
              and <span class="break">{new URL(pair).host}</span>
            </>
          )}
        </>
      )}
    </span>
  );
}

/** What a site's time zone is for. */
export const ZONE_HINT = 'Used for days in your statistics and for preferred call times.';

const PERIODS = [30, 90, 180, 365];

/** For how long requests are kept: any usual time that the plan has room for, and the one that is set. */
export function RetentionSelect({ value, error }: { value: number; error?: string }) {
  const plan = useMe()?.plan.id;
  const most = plans.find((one) => one.id === plan)?.limits.keepDays ?? value;
  const offered = [...new Set([...PERIODS.filter((days) => days <= most), value])].sort((a, b) => a - b);
  const bounded = value > most ? ` Your plan keeps them for ${most} days.` : '';
  return (
    <Select
      label="Keep requests for"
      name="retentionDays"
      hint={`For new requests; those in the inbox keep their time.${bounded}`}
      error={error}
    >
      {offered.map((days) => (
        <option key={days} value={days} selected={days === value}>
          {days} days
        </option>
      ))}
    </Select>
  );
}
