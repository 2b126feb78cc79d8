import { useState } from 'preact/hooks';
import { navigate } from '../../lib/router';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { earlier, PRESETS, type Range, rangeQuery, spanName, wrongDates } from './range';

const COMPARE = [
  { id: null, label: 'No comparison' },
  { id: 'before', label: 'Period before' },
  { id: 'year', label: 'Year before' },
] as const;

/** Which days are shown: presets, or any from a calendar. The address keeps it. */
export function RangeBar({ range }: { range: Range }) {
  const [open, setOpen] = useState(false);
  const chosen = range.preset === null;
  return (
    <div class="overview-bar">
      <nav class="ranges" aria-label="Time range">
        {PRESETS.map((one) => (
          <a
            key={one.id}
            href={rangeQuery({ preset: one.id, compare: range.compare })}
            aria-current={one.id === range.preset ? 'true' : undefined}
            onClick={() => setOpen(false)}
          >
            {one.label}
          </a>
        ))}
        <button
          type="button"
          class="ranges-choose"
          aria-expanded={open}
          aria-controls="choose-dates"
          aria-current={chosen ? 'true' : undefined}
          onClick={() => setOpen(!open)}
        >
          {chosen ? spanName(range) : 'Choose dates'}
        </button>
      </nav>
      <div id="choose-dates" hidden={!open}>
        {open && <Dates key={`${range.from} ${range.to}`} range={range} done={() => setOpen(false)} />}
      </div>
      {(earlier(range, 'before') || earlier(range, 'year')) && (
        <nav class="ranges" aria-label="Compare with">
          {COMPARE.filter((one) => one.id === null || earlier(range, one.id)).map((one) => (
            <a
              key={one.id}
              href={rangeQuery({ ...range, compare: one.id })}
              aria-current={one.id === range.compare ? 'true' : undefined}
            >
              {one.label}
            </a>
          ))}
        </nav>
      )}
    </div>
  );
}

function Dates({ range, done }: { range: Range; done: () => void }) {
  const [wrong, setWrong] = useState<ReturnType<typeof wrongDates>>();
  const show = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [from, to] = [String(form.get('from')), String(form.get('to'))];
    const found = wrongDates(from, to);
    setWrong(found);
    if (found) {
      (event.currentTarget as HTMLFormElement).querySelector<HTMLInputElement>(`[name=${found.field}]`)?.focus();
      return;
    }
    navigate(rangeQuery({ from, to, compare: range.compare }));
    done();
  };
  const error = (field: 'from' | 'to') => (wrong?.field === field ? wrong.message : undefined);
  return (
    <form class="choose-dates" onSubmit={show} noValidate>
      <Field label="From" name="from" type="date" min="2020-01-01" defaultValue={range.from} error={error('from')} />
      <Field label="To" name="to" type="date" min="2020-01-01" defaultValue={range.to} error={error('to')} />
      <Button type="submit">Show</Button>
    </form>
  );
}
