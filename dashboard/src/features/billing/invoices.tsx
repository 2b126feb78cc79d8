import { call } from '../../lib/api';
import type { Invoice } from '../../lib/api.gen';
import { day, money } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Stacked } from '../../ui/stacked';
import { Failed, Loading } from '../../ui/states';

const SAID: Record<Invoice['status'], string> = {
  draft: 'Draft',
  open: 'Due',
  paid: 'Paid',
  uncollectible: 'Written off',
  void: 'Void',
};

/** The next invoice and those already issued. Stripe keeps the PDFs. */
export function Invoices() {
  const { data, error, reload } = useLoad('invoices', (signal) => call('GET', '/v1/billing/invoices', { signal }));
  return (
    <section class="card" aria-labelledby="invoices-title">
      <h2 id="invoices-title">Invoices</h2>
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading your invoices" rows={1} />)}
      {data && (
        <>
          {data.next && (
            <p class="next-bill">
              Next invoice: <strong>{money(data.next.total)}</strong> including VAT on {day(data.next.at)}
            </p>
          )}
          {data.items.length === 0 ? (
            <p class="muted">No invoices yet.</p>
          ) : (
            <Stacked
              short
              caption="Invoices"
              head={['Number', 'Date', 'Total inc. VAT', 'Status', 'Links']}
              rows={data.items.map((bill) => [
                bill.number,
                day(bill.at),
                money(bill.total),
                SAID[bill.status],
                <>
                  <a
                    href={bill.page}
                    target="_blank"
                    rel="noopener"
                    aria-label={`View invoice ${bill.number} on Stripe`}
                  >
                    View
                  </a>{' '}
                  <a href={bill.pdf} target="_blank" rel="noopener" aria-label={`PDF of invoice ${bill.number}`}>
                    PDF
                  </a>
                </>,
              ])}
            />
          )}
        </>
      )}
    </section>
  );
}
