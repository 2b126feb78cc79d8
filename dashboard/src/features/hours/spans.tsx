import { Button } from '../../ui/button';

export interface Span {
  from: string;
  to: string;
}

/** What a time field shows for the end of a day, and what it stands for. */
const shown = (time: string) => (time === '24:00' ? '00:00' : time);
const ends = (time: string) => (time === '00:00' ? '24:00' : time);

interface Props {
  of: string;
  spans: Span[];
  change: (spans: Span[]) => void;
}

/** The openings of one day. */
export function Spans({ of, spans, change }: Props) {
  const set = (index: number, part: Partial<Span>) =>
    change(spans.map((span, n) => (n === index ? { ...span, ...part } : span)));
  return (
    <div class="hours-spans">
      {spans.length === 0 && <p class="muted">Closed</p>}
      {spans.map((span, n) => (
        <div class="hours-span" key={n}>
          <input
            class="input"
            type="time"
            required
            aria-label={`${of}, opens`}
            value={span.from}
            onInput={(event) => set(n, { from: event.currentTarget.value })}
          />
          <span aria-hidden="true">–</span>
          <input
            class="input"
            type="time"
            required
            aria-label={`${of}, closes`}
            value={shown(span.to)}
            onInput={(event) => set(n, { to: ends(event.currentTarget.value) })}
          />
          <Button
            small
            look="bare"
            aria-label={`${of}, remove hours from ${span.from}`}
            onClick={() => change(spans.filter((_, other) => other !== n))}
          >
            Remove
          </Button>
        </div>
      ))}
      <Button
        small
        aria-label={`${of}, add hours`}
        onClick={() =>
          change([...spans, spans.length ? { from: '18:00', to: '20:00' } : { from: '09:00', to: '17:30' }])
        }
      >
        Add hours
      </Button>
    </div>
  );
}
