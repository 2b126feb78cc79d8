import { useState } from 'preact/hooks';
import { ApiError, call, detailOf } from '../../lib/api';
import type { Erasure, Site } from '../../lib/api.gen';
import { longDateTime } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Button, ButtonLink } from '../../ui/button';
import { Copy } from '../../ui/copy';
import { Failed, Loading } from '../../ui/states';
import { Table } from '../../ui/table';
import { toast } from '../../ui/toast';
import { Visitor } from './visitor';
import './site-privacy.css';

/** What a business owes its visitors: a notice, and an answer when one of them asks. */
export function Privacy({ site }: { site: Site }) {
  const path = { id: site.id };
  const receipts = useLoad(`erasures ${site.id}`, (signal) => call('GET', '/v1/sites/{id}/erasures', { path, signal }));
  const { data, set } = receipts;
  const older = async () => {
    const page = await call('GET', '/v1/sites/{id}/erasures', { path, query: { cursor: data!.next! } });
    set({ items: [...data!.items, ...page.items], next: page.next });
  };
  return (
    <div class="privacy">
      <Notice site={site} />
      <Visitor site={site} erased={receipts.reload} />
      <ComplaintsOf site={site} />
      <Receipts items={data?.items} error={receipts.error} older={data?.next ? older : undefined} />
    </div>
  );
}

function Notice({ site }: { site: Site }) {
  const path = { id: site.id };
  const { data, error, reload, set } = useLoad(`notice ${site.id}`, (signal) =>
    call('GET', '/v1/sites/{id}/notice', { path, signal }),
  );
  const [form, setForm] = useState<'html' | 'text'>('html');
  const [busy, setBusy] = useState(false);
  const [refused, refuse] = useState('');
  const confirm = async () => {
    setBusy(true);
    refuse('');
    try {
      set(await call('POST', '/v1/sites/{id}/notice', { path, body: { version: data!.version } }));
    } catch (failure) {
      if (!(failure instanceof ApiError)) throw failure;
      refuse(failure.detail);
      if (failure.status === 409) reload();
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="card" aria-labelledby="privacy-notice">
      <h2 id="privacy-notice">Your privacy notice</h2>
      <p>
        The widget doesn’t need its own consent banner as long as your privacy notice says what it does and how to
        object. Paste this text as it is.
      </p>
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading notice" rows={1} />)}
      {data && (
        <>
          <div class="ranges" role="group" aria-label="Notice format">
            {(['html', 'text'] as const).map((one) => (
              <Button
                key={one}
                small
                look={one === form ? 'primary' : 'plain'}
                pressed={one === form}
                onClick={() => setForm(one)}
              >
                {one === 'html' ? 'HTML' : 'Plain text'}
              </Button>
            ))}
          </div>
          {data.notices.map((one) => (
            <div key={one.language} class="privacy-notice">
              <h3>{new Intl.DisplayNames(['en'], { type: 'language' }).of(one.language)}</h3>
              <pre class="snippet" tabIndex={0} role="region" aria-label={`Notice, ${one.language}`}>
                <code id={`notice-${one.language}`}>{one[form]}</code>
              </pre>
              <Copy value={one[form]} from={`notice-${one.language}`} />
            </div>
          ))}
          <div role="status" class={data.current ? 'check check-good' : 'check'}>
            {data.current && (
              <p>
                <strong>Published.</strong> You confirmed this version on{' '}
                {longDateTime(data.published.find((one) => one.version === data.version)!.at)}.
              </p>
            )}
            {!data.current && data.published[0] && (
              <p>
                <strong>The notice has changed</strong> since you published it on {longDateTime(data.published[0].at)}.
                Please replace it.
              </p>
            )}
            {refused && <p>{refused}</p>}
          </div>
          {!data.current && (
            <Button look="primary" busy={busy} onClick={confirm}>
              I’ve published it
            </Button>
          )}
          <p class="small muted">Version {data.version}</p>
        </>
      )}
    </section>
  );
}

function ComplaintsOf({ site }: { site: Site }) {
  const address = `${location.origin}/complain?site=${site.key}`;
  return (
    <section class="card" aria-labelledby="privacy-complaints">
      <h2 id="privacy-complaints">Complaints</h2>
      <p>
        By law your visitors can complain to you about their personal data. They can on the page of their request, and
        without one at this address, which belongs in your privacy notice:
      </p>
      <pre class="snippet" tabIndex={0} role="region" aria-label="Address for complaints">
        <code id="complain-address">{address}</code>
      </pre>
      <div class="buttons">
        <Copy value={address} from="complain-address" />
        <ButtonLink href={`/app/complaints?site=${site.id}`}>See complaints</ButtonLink>
      </div>
    </section>
  );
}

const VIA = { link: 'Visitor’s private link', phone: 'Phone number', email: 'Email address' };

function Receipts({ items, error, older }: { items?: Erasure[]; error?: ApiError; older?: () => Promise<void> }) {
  const [busy, setBusy] = useState(false);
  const more = async () => {
    setBusy(true);
    try {
      await older!();
    } catch (failure) {
      toast({
        text: detailOf(failure),
        bad: true,
      });
    }
    setBusy(false);
  };
  if (!items?.length && !error) return null;
  return (
    <section class="card" aria-labelledby="privacy-receipts">
      <h2 id="privacy-receipts">Erasure receipts</h2>
      <p>Every erasure leaves a receipt that doesn’t contain the erased data. Use it to prove that you erased it.</p>
      {error && <Failed error={error} />}
      {items && (
        <Table
          caption="Receipts of erasure"
          head={['Receipt', 'When', 'How', 'Requests']}
          rows={items.map((one) => [<code>{one.id}</code>, longDateTime(one.at), VIA[one.via], one.count])}
        />
      )}
      {older && (
        <Button busy={busy} onClick={more}>
          Load more
        </Button>
      )}
    </section>
  );
}
