import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { SeriesEntry } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { AsTable } from '../../ui/table';
import { slotName } from './range';

interface Props {
  slots: SeriesEntry[];
  unit: string;
  about: string;
}

// The chart library is fetched only when there is a picture to draw; the table works without it.
let Bars: ComponentType<{ slots: SeriesEntry[]; about: string }> | undefined;

export function TimeChart({ slots, unit, about }: Props) {
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
      <div class="bars-place">
        {state === 'ready' && Bars && <Bars slots={slots} about={about} />}
        {state === 'failed' && (
          <p class="note">The chart couldn’t be loaded. The same figures are in the table below.</p>
        )}
      </div>
      <AsTable
        caption={`Visits by ${unit.toLowerCase()}`}
        head={[unit, 'Saw the widget', 'Opened it', 'Requested a call']}
        rows={slots.map((slot) => [
          slotName(slot.key, true),
          number(slot.impressions),
          number(slot.opens),
          number(slot.submits),
        ])}
      />
    </section>
  );
}
