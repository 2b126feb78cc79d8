import type { Statistics } from '../../lib/api.gen';
import { number, percent } from '../../lib/format';
import { stagePath } from '../../ui/stage-path';
import { AsTable } from '../../ui/table';

export function Funnel({ stats }: { stats: Statistics }) {
  const { totals, rates } = stats;
  const most = Math.max(totals.impressions, 1);
  const stages = [
    { name: 'Saw the widget', n: totals.impressions, rate: null, of: '' },
    { name: 'Opened it', n: totals.opens, rate: rates.open, of: 'of visits that saw it' },
    { name: 'Requested a call', n: totals.submits, rate: rates.submit, of: 'of visits that opened it' },
  ];
  return (
    <section class="card funnel" aria-labelledby="funnel-title">
      <div class="card-head">
        <h2 id="funnel-title">From view to request</h2>
        <p class="funnel-overall">
          <strong>{percent(rates.overall)}</strong> of visits requested a call
        </p>
      </div>
      <ol class="funnel-stages">
        {stages.map((stage) => (
          <li key={stage.name}>
            <span class="funnel-name">{stage.name}</span>
            <span class="funnel-number">{number(stage.n)}</span>
            <span class="funnel-rate">
              {stage.of ? (
                <>
                  <b>{percent(stage.rate)}</b> {stage.of}
                </>
              ) : (
                'visits'
              )}
            </span>
          </li>
        ))}
      </ol>
      <svg class="funnel-picture" viewBox="0 0 300 100" preserveAspectRatio="none" aria-hidden="true">
        {stages.map((stage, i) => (
          <path
            key={stage.name}
            class={`stage-${i + 1}`}
            d={stagePath(i, stage.n / most, (stages[i + 1] ?? stage).n / most)}
          />
        ))}
      </svg>
      {!stats.enough && (
        <p class="note">
          <strong>Not enough visits yet.</strong> The rates are correct, but a single visit still changes them a lot.
          They become meaningful from about 30 visits.
        </p>
      )}
      <AsTable
        caption="Visits by step"
        head={['Step', 'Visits', 'Of previous step', 'Of all visits']}
        rows={stages.map((stage, i) => [
          stage.name,
          number(stage.n),
          i === 0 ? '–' : percent(stage.rate),
          percent(totals.impressions ? stage.n / totals.impressions : null),
        ])}
      />
    </section>
  );
}
