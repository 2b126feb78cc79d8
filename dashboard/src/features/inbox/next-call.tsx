import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { Callback } from '../../lib/api.gen';
import { dateTime, localInput } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { Button } from '../../ui/button';
import { DialogForm } from '../../ui/dialog-form';
import { Field } from '../../ui/field';
import { text } from '../../ui/form';
import { waits } from './inbox-list';
import type { Mark } from './use-requests';

interface Props {
  item: Callback;
  mark: Mark;
}

/** Who is to call. */
export function Assign({ item, mark }: Props) {
  const { data } = useLoad('members', (signal) => call('GET', '/v1/members', { signal }));
  if (!waits(item)) return null;
  const others = data?.members.filter((member) => !member.you) ?? [];
  const assigned = item.assigned;
  const known = !assigned || assigned.mine || others.some((member) => member.id === assigned.user);
  const id = `assign-${item.id}`;
  return (
    <div class="request-assign">
      <label for={id}>Assigned to</label>
      <select
        id={id}
        class="input"
        value={assigned ? (assigned.mine ? 'me' : assigned.user) : ''}
        onChange={(event) => mark(item, { assign: event.currentTarget.value })}
      >
        <option value="">Everyone</option>
        <option value="me">Me</option>
        {others
          .filter((member) => member.role !== 'viewer')
          .map((member) => (
            <option key={member.id} value={member.id}>
              {member.name}
            </option>
          ))}
        {!known && <option value={assigned.user}>{assigned.name}</option>}
      </select>
      {assigned?.mine && (
        <Button small look="bare" onClick={() => mark(item, { assign: '' })}>
          Hand back
        </Button>
      )}
    </div>
  );
}

/** Nine o'clock of the next day, in the reader's own time. */
function tomorrow(): Date {
  const at = new Date();
  at.setDate(at.getDate() + 1);
  at.setHours(9, 0, 0, 0);
  return at;
}

/** When to try again what nobody answered. */
export function TryAgain({ item, mark }: Props) {
  const [asking, setAsking] = useState(false);
  if (item.status !== 'missed') return null;
  const at = (time: Date) => mark(item, { tryAt: time.toISOString() });
  return (
    <div class="request-again" role="group" aria-label="Next attempt">
      <p class="request-ask">{item.tryAt ? `Next attempt ${dateTime(item.tryAt)}` : 'When will you try again?'}</p>
      <Button small onClick={() => at(new Date(Date.now() + 3_600_000))}>
        In an hour
      </Button>
      <Button small onClick={() => at(tomorrow())}>
        Tomorrow at 9
      </Button>
      <Button small onClick={() => setAsking(true)}>
        Choose a time
      </Button>
      {item.tryAt && (
        <Button small look="bare" onClick={() => mark(item, { tryAt: '' })}>
          Don’t try again
        </Button>
      )}
      {asking && (
        <DialogForm
          title="When will you try again?"
          fields={{ at: 'When' }}
          check={(values): Record<string, string> => {
            const time = new Date(text(values, 'at')).getTime();
            if (Number.isNaN(time)) return { at: 'Choose a date and time.' };
            return time > Date.now() ? {} : { at: 'Choose a time in the future.' };
          }}
          send={async (values) => {
            if (await at(new Date(text(values, 'at')))) setAsking(false);
          }}
          button="Set next attempt"
          close={() => setAsking(false)}
        >
          {(errors) => (
            <Field
              label="When"
              name="at"
              type="datetime-local"
              min={localInput(new Date())}
              defaultValue={localInput(tomorrow())}
              hint="In your own local time."
              error={errors.at}
            />
          )}
        </DialogForm>
      )}
    </div>
  );
}
