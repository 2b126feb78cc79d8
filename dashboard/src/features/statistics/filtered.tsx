import type { Statistics } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { Table } from '../../ui/table';

const REASONS: Record<string, string> = {
  bot: 'Bots: crawlers, link previews and monitors',
  origin: 'From a website that isn’t on this site’s list',
  'no-origin': 'Not from a website: sent by a program',
  unproven: 'No proof that the widget was loaded in the last 3 days',
  site: 'Unknown site key',
  objection: 'Visitor opted out of statistics',
  prefetch: 'Preloaded but never viewed',
  rate: 'Too many requests from one place',
};

/** What was left out of the figures, and why: nobody has to guess. */
export function Filtered({ filtered }: { filtered: Statistics['filtered'] }) {
  const reasons = Object.entries(filtered.reasons)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <section class="card" aria-labelledby="filtered-title">
      <div class="card-head">
        <h2 id="filtered-title">What we didn’t count, and why</h2>
        {filtered.total > 0 && <p class="small muted">{number(filtered.total)} in total</p>}
      </div>
      {reasons.length === 0 ? (
        <p class="muted">Nothing was filtered out in this period.</p>
      ) : (
        <Table
          caption="Visits not counted"
          head={['Reason', 'Visits']}
          rows={reasons.map(([key, n]) => [REASONS[key] ?? key, number(n)])}
        />
      )}
    </section>
  );
}
