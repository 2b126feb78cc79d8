import type { Statistics } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { Table } from '../../ui/table';

const REASONS: Record<string, string> = {
  bot: 'Programs, not people: crawlers, previews, monitors',
  origin: 'From an address that is not in the site’s list',
  'no-origin': 'From no website: sent by a program',
  unproven: 'Without the proof that the widget was loaded in the last 3 days',
  site: 'With a key that does not exist',
  objection: 'The visitor objected to statistics',
  prefetch: 'Loaded ahead, but never looked at',
  rate: 'Too many from one place at once',
};

/** What was left out of the figures, and why: nobody has to guess. */
export function Filtered({ filtered }: { filtered: Statistics['filtered'] }) {
  const reasons = Object.entries(filtered.reasons)
    .filter(([, n]) => n > 0)
    .sort(([, a], [, b]) => b - a);
  return (
    <section class="card" aria-labelledby="filtered-title">
      <div class="card-head">
        <h2 id="filtered-title">What we did not count, and why</h2>
        {filtered.total > 0 && <p class="small muted">{number(filtered.total)} in all</p>}
      </div>
      {reasons.length === 0 ? (
        <p class="muted">Nothing was left out in this time.</p>
      ) : (
        <Table
          caption="Visits that were not counted"
          head={['Reason', 'Visits']}
          rows={reasons.map(([key, n]) => [REASONS[key] ?? key, number(n)])}
        />
      )}
    </section>
  );
}
