import { useState } from 'preact/hooks';
import { navigate } from '../../lib/router';
import { Button } from '../../ui/button';
import { Field } from '../../ui/field';
import { PRESETS, type Range, rangeQuery, spanName, wrongDates } from './range';

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
            href={rangeQuery({ preset: one.id })}
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
    navigate(rangeQuery({ from, to }));
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
