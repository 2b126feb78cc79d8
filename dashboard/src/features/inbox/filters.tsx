import { useState } from 'preact/hooks';
import { call, detailOf } from '../../lib/api';
import type { Site } from '../../lib/api.gen';
import { number } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { navigate } from '../../lib/router';
import { Button } from '../../ui/button';
import { Field, Select } from '../../ui/field';
import { toast } from '../../ui/toast';
import { saveRequests } from './csv';
import { addressOf, type Filter, narrowed } from './filter';

interface Props {
  sites: Site[];
  own?: string;
  filter: Filter;
}

/** What of the inbox is shown, beside its state, and the same as a file. */
export function Filters({ sites, own, filter }: Props) {
  const [open, setOpen] = useState(narrowed(filter, own));
  const [saving, setSaving] = useState<number>();
  const download = async () => {
    setSaving(0);
    try {
      const more = await saveRequests(filter, (id) => sites.find((site) => site.id === id)?.name ?? id, setSaving);
      if (more) toast({ text: 'The file holds the first 10,000 requests. Filter by date to get the others.' });
    } catch (failure) {
      toast({ text: detailOf(failure), bad: true });
    }
    setSaving(undefined);
  };
  return (
    <div class="inbox-tools">
      <Button small pressed={open} onClick={() => setOpen(!open)}>
        Filters
      </Button>
      <Button small busy={saving !== undefined} onClick={download}>
        {saving ? `${number(saving)} requests…` : 'Download CSV'}
      </Button>
      {open && <Choices sites={sites} own={own} filter={filter} />}
    </div>
  );
}

function Choices({ sites, own, filter }: Props) {
  const { data } = useLoad('members', (signal) => call('GET', '/v1/members', { signal }));
  return (
    <form
      class="inbox-choices card"
      aria-label="Filters"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const text = (name: string) => String(given.get(name) ?? '').trim();
        const [from, to] = [text('from'), text('to')];
        const chosen = { department: text('department'), person: text('person'), from, to };
        navigate(addressOf({ ...filter, site: own ?? text('site'), ...chosen }, own));
      }}
    >
      {!own && sites.length > 1 && (
        <Select label="Site" name="site">
          <option value="">All sites</option>
          {sites.map((site) => (
            <option key={site.id} value={site.id} selected={site.id === filter.site}>
              {site.name}
            </option>
          ))}
        </Select>
      )}
      <Field label="Department" name="department" defaultValue={filter.department} />
      <Select label="Assigned to" name="person">
        <option value="">Anyone</option>
        <option value="me" selected={filter.person === 'me'}>
          Me
        </option>
        {data?.members
          .filter((member) => !member.you)
          .map((member) => (
            <option key={member.id} value={member.id} selected={member.id === filter.person}>
              {member.name}
            </option>
          ))}
      </Select>
      <Field label="Requested from" name="from" type="date" defaultValue={filter.from} />
      <Field label="Requested until" name="to" type="date" defaultValue={filter.to} />
      <p class="inbox-choose">
        <Button type="submit" small look="primary">
          Show
        </Button>
        {narrowed(filter, own) && (
          <a class="button button-bare button-small" href={`?status=${filter.state}`}>
            Clear
          </a>
        )}
      </p>
    </form>
  );
}
