import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { ComplaintPage } from '../../lib/api.gen';
import { longDate } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { useMe } from '../../lib/me';
import { navigate, usePlace } from '../../lib/router';
import { Button } from '../../ui/button';
import { Select } from '../../ui/field';
import { Page } from '../../ui/page';
import { Stacked } from '../../ui/stacked';
import { Empty, Failed, Loading } from '../../ui/states';
import { toast } from '../../ui/toast';
import { ComplaintDetail } from './complaint-detail';
import { daysLeft, list, RESULT, STATE, saveRegister, whoOf } from './complaint-words';
import './complaints.css';

const address = (query: Record<string, string>) => {
  const kept = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `/app/complaints${kept.size ? `?${kept}` : ''}`;
};

/** Visitors' complaints about all sites of the account. What is shown is in the address. */
export default function Complaints() {
  const { query } = usePlace();
  const role = useMe()?.role;
  const site = query.get('site') ?? '';
  const complaint = query.get('complaint') ?? '';
  if (role === 'agent' || role === 'viewer') {
    return (
      <Page title="Complaints" lead="What visitors complain of, and what was answered.">
        <p class="note">Only the account’s owners and admins can see complaints.</p>
      </Page>
    );
  }
  if (site && complaint) return <ComplaintDetail key={complaint} site={site} id={complaint} />;
  const state = query.get('state') === 'answered' ? 'answered' : 'open';
  return <Register key={`${state} ${site}`} state={state} site={site} />;
}

function Register({ state, site }: { state: 'open' | 'answered'; site: string }) {
  const { data, error, reload, set } = useLoad(`complaints ${state} ${site}`, (signal) =>
    list(state, site, undefined, signal),
  );
  const sites = useLoad('sites', (signal) => call('GET', '/v1/sites', { signal }));
  const [busy, setBusy] = useState(false);
  const attempt = async (what: () => Promise<void>) => {
    setBusy(true);
    try {
      await what();
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
    setBusy(false);
  };
  const more = () =>
    attempt(async () => {
      const page = await list(state, site, data!.next!);
      set({ items: [...data!.items, ...page.items], next: page.next });
    });
  return (
    <Page
      title="Complaints"
      lead="What visitors complain of about their personal data. Answer each within 30 days."
      aside={
        <Button busy={busy} onClick={() => attempt(() => saveRegister(site))}>
          Download as CSV
        </Button>
      }
    >
      <div class="complaints-filter">
        <nav class="ranges" aria-label="Which complaints">
          {(['open', 'answered'] as const).map((one) => (
            <a
              key={one}
              href={address({ state: one === 'open' ? '' : one, site })}
              aria-current={one === state ? 'page' : undefined}
            >
              {one === 'open' ? 'To answer' : 'Answered'}
            </a>
          ))}
        </nav>
        {(sites.data?.sites.length ?? 0) > 1 && (
          <form
            onChange={(event) => {
              const chosen = new FormData(event.currentTarget).get('site');
              navigate(address({ state: state === 'open' ? '' : state, site: String(chosen ?? '') }));
            }}
          >
            <Select label="Site" name="site">
              <option value="">All sites</option>
              {sites.data!.sites.map((one) => (
                <option key={one.id} value={one.id} selected={one.id === site}>
                  {one.name}
                </option>
              ))}
            </Select>
          </form>
        )}
      </div>
      {!data && (error ? <Failed error={error} retry={reload} /> : <Loading what="Loading complaints" />)}
      {data && <List data={data} state={state} />}
      {data?.next && (
        <p class="after-form">
          <Button busy={busy} onClick={more}>
            Load more
          </Button>
        </p>
      )}
    </Page>
  );
}

function List({ data, state }: { data: ComplaintPage; state: 'open' | 'answered' }) {
  if (!data.items.length) {
    return (
      <Empty title={state === 'open' ? 'Nothing to answer' : 'Nothing answered yet'}>
        <p>
          {data.next
            ? 'No complaints found so far. Load more to look further.'
            : 'Visitors can complain on the page of their request. Complaints are kept until a year after your answer.'}
        </p>
      </Empty>
    );
  }
  return (
    <Stacked
      short
      caption={state === 'open' ? 'Complaints to answer, the soonest due first' : 'Answered complaints, newest first'}
      head={[
        'Number',
        'From',
        'Site',
        state === 'open' ? 'Answer by' : 'Answered',
        state === 'open' ? 'Status' : 'Result',
      ]}
      rows={data.items.map((one) => {
        const left = daysLeft(one);
        return [
          <a href={address({ site: one.site, complaint: one.id })}>{one.id}</a>,
          <span class="break">{whoOf(one)}</span>,
          <span class="break">{one.siteName}</span>,
          left ? (
            <span class="complaints-due">
              {longDate(one.lastDay)}{' '}
              <span class={`tag ${left.late ? 'tag-late' : left.soon ? 'tag-missed' : ''}`}>{left.text}</span>
            </span>
          ) : (
            longDate(one.answeredAt!)
          ),
          one.result ? RESULT[one.result] : STATE[one.state],
        ];
      })}
    />
  );
}
