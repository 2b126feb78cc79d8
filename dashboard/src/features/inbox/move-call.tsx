import { call } from '../../lib/api';
import type { OwnRequest, Slot } from '../../lib/api.gen';
import { longDateTime, ownZone, zoneName } from '../../lib/format';
import { useLoad } from '../../lib/load';
import { DialogForm } from '../../ui/dialog-form';
import { Select } from '../../ui/field';
import { text } from '../../ui/form';
import { Failed, Loading } from '../../ui/states';

interface Props {
  request: OwnRequest;
  siteKey: string;
  change: (body: { at: string }, said: string) => Promise<void>;
  close: () => void;
}

/** Moves a call to one of the times that the business offers. */
export function MoveToSlot({ request, siteKey, change, close }: Props) {
  const { data, error, reload } = useLoad(`slots ${siteKey}`, (signal) =>
    call('GET', '/v1/widget/{key}/slots', { path: { key: siteKey }, open: true, signal }),
  );
  const zone = request.timeZone;
  return (
    <DialogForm
      title="Choose another time"
      lead={
        zone && zone !== ownZone() ? (
          <p>
            Times are your own. {request.site} is in the {zoneName(zone)} time zone.
          </p>
        ) : undefined
      }
      fields={{ at: 'When' }}
      check={(values): Record<string, string> => (text(values, 'at') ? {} : { at: 'Choose a time.' })}
      send={(values) => {
        const at = text(values, 'at');
        return change({ at }, `Call moved to ${longDateTime(at)}.`);
      }}
      button="Move call"
      keep="Keep it"
      close={close}
    >
      {(errors) =>
        data ? (
          <Times slots={data.slots} site={request.site} error={errors.at} />
        ) : error ? (
          <Failed error={error} retry={reload} />
        ) : (
          <Loading what="Loading times" rows={1} />
        )
      }
    </DialogForm>
  );
}

function Times({ slots, site, error }: { slots: Slot[]; site: string; error?: string }) {
  if (!slots.length) return <p>{site} has no free times at the moment. Please try again later.</p>;
  const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
  const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short' });
  const days = new Map<string, Slot[]>();
  for (const slot of slots) {
    const name = day.format(new Date(slot.at));
    days.set(name, [...(days.get(name) ?? []), slot]);
  }
  return (
    <Select label="When" name="at" hint="In your own local time." error={error}>
      <option value="">Choose a time</option>
      {[...days].map(([name, times]) => (
        <optgroup key={name} label={name}>
          {times.map(({ at }) => (
            <option key={at} value={at}>
              {name.split(' ')[0]} {clock.format(new Date(at))}
            </option>
          ))}
        </optgroup>
      ))}
    </Select>
  );
}
