import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { GroupBy, SeriesEntry } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { AsTable } from '../../ui/table';
import { days, entryName, GROUPS, groupsFor, type Range, rangeQuery } from './range';

interface Props {
  slots: SeriesEntry[];
  by: GroupBy;
  range: Range;
  about: string;
}

// The chart library is fetched only when there is a picture to draw; the table works without it.
let Bars: ComponentType<{ slots: SeriesEntry[]; by: GroupBy; about: string }> | undefined;

export function TimeChart({ slots, by, range, about }: Props) {
  const unit = GROUPS.find((one) => one.by === by)!.unit;
  const groups = groupsFor(days(range));
  const [state, setState] = useState<'waiting' | 'ready' | 'failed'>(Bars ? 'ready' : 'waiting');
  useEffect(() => {
    if (Bars) return;
    let here = true;
    import('./bars').then(
      (module) => {
        Bars = module.Bars;
        if (here) setState('ready');
      },
      () => here && setState('failed'),
    );
    return () => void (here = false);
  }, []);
  return (
    <section class="card" aria-labelledby="time-title">
      <div class="card-head">
        <h2 id="time-title">Over time</h2>
        <p class="small muted">{about}</p>
      </div>
      {groups.length > 1 && (
        <nav class="ranges ranges-by" aria-label="Divide by">
          {groups.map((one) => (
            <a
              key={one.by}
              href={rangeQuery({ ...range, by: one.by })}
              aria-current={one.by === by ? 'true' : undefined}
            >
              {one.label}
            </a>
          ))}
        </nav>
      )}
      <div class="bars-place">
        {state === 'ready' && Bars && <Bars slots={slots} by={by} about={about} />}
        {state === 'failed' && (
          <p class="note">The chart couldn’t be loaded. The same figures are in the table below.</p>
        )}
      </div>
      <AsTable
        caption={`Visits by ${unit.toLowerCase()}`}
        head={[unit, 'Saw the widget', 'Opened it', 'Requested a call']}
        rows={slots.map((slot) => [
          entryName(slot.key, by, true),
          number(slot.impressions),
          number(slot.opens),
          number(slot.submits),
        ])}
      />
    </section>
  );
}
