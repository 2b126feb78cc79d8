import type { Statistics } from '../../lib/api.gen';
import { number, percent } from '../../lib/format';
import { inWords, judge } from '../../lib/rate';
import { AsTable } from '../../ui/table';

interface Step {
  name: string;
  n: number;
  /** What the step before is called of its visits, and what those did that came no further. */
  of: string;
  left: string;
}

/**
 * The steps of a visit. Each bar is all of its step, and the part that reached the next is drawn out to that one's
 * width: so three in a hundred can be seen as well as the rest.
 */
export function Funnel({ stats }: { stats: Statistics }) {
  const { totals } = stats;
  const steps: Step[] = [
    { name: 'Saw the widget', n: totals.impressions, of: '', left: '' },
    { name: 'Opened it', n: totals.opens, of: 'of visits that saw it', left: 'didn’t open it' },
    { name: 'Requested a call', n: totals.submits, of: 'of visits that opened it', left: 'left without a request' },
  ];
  const overall = judge(totals.submits, totals.impressions);
  return (
    <section class="card funnel" aria-labelledby="funnel-title">
      <div class="card-head">
        <h2 id="funnel-title">From view to request</h2>
        {overall && overall.sure !== 'too few' && (
          <p class="funnel-overall">
            <strong>{percent(overall.rate)}</strong> of visits requested a call
          </p>
        )}
      </div>
      <ol class="funnel-steps">
        {steps.map((step, i) => (
          <FunnelStep key={step.name} step={step} before={steps[i - 1]} next={steps[i + 1]} index={i} />
        ))}
      </ol>
      <p class="small muted">
        {overall?.sure === 'too few'
          ? 'Too few requests yet to say how many visits lead to one: a single visit still changes the rate a lot.'
          : 'In brackets: where each rate would very likely be with many more visits like these.'}
      </p>
      <AsTable
        caption="Visits by step"
        head={['Step', 'Visits', 'Of previous step', 'Likely between', 'Of all visits']}
        rows={steps.map((step, i) => {
          const judged = i > 0 ? judge(step.n, steps[i - 1]!.n) : null;
          return [
            step.name,
            number(step.n),
            judged ? percent(judged.rate) : '–',
            judged ? `${percent(judged.low)} and ${percent(judged.high)}` : '–',
            percent(totals.impressions ? step.n / totals.impressions : null),
          ];
        })}
      />
    </section>
  );
}

function FunnelStep(props: { step: Step; before: Step | undefined; next: Step | undefined; index: number }) {
  const { step, before, next, index } = props;
  const judged = before ? judge(step.n, before.n) : null;
  return (
    <li>
      <p class="funnel-words">
        <span class="funnel-name">{step.name}</span>
        <span class="funnel-number">{number(step.n)}</span>
        <span class="funnel-rate">
          {before ? (
            <>
              <b>{inWords(judged)}</b>
              {judged && judged.sure !== 'too few' ? ` ${step.of}` : ''}
            </>
          ) : (
            'visits'
          )}
        </span>
        {before && before.n > step.n && (
          <span class="funnel-left">
            −{number(before.n - step.n)} {step.left}
          </span>
        )}
      </p>
      <FunnelBar index={index} share={next && step.n ? Math.min(1, next.n / step.n) : null} empty={step.n === 0} />
    </li>
  );
}

/** A step's bar, and the share of it that reached the next, drawn out to that one's whole width. Null for the last. */
function FunnelBar({ index, share, empty }: { index: number; share: number | null; empty: boolean }) {
  const width = share === null ? 0 : share && Math.max(1, share * 300);
  return (
    <svg
      class={share === null ? 'funnel-bar funnel-bar-last' : 'funnel-bar'}
      viewBox={share === null ? '0 0 300 16' : '0 0 300 44'}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      <rect class={empty ? 'stage-none' : `stage-${index + 1}`} width="300" height="16" />
      {width > 0 && (
        <>
          <rect class={`stage-${index + 2}`} width={width} height="16" />
          <path class={`stage-${index + 2} funnel-zoom`} d={`M0 16H${width}L300 44H0Z`} />
        </>
      )}
    </svg>
  );
}
