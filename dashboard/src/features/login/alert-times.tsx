import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { AlertTimes } from '../../lib/api.gen';
import { ownZone } from '../../lib/format';
import { Button } from '../../ui/button';
import { Select } from '../../ui/field';
import { Form, text } from '../../ui/form';
import { toast } from '../../ui/toast';
import { ZoneSelect } from '../../ui/zone-select';

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const times = (step: number, chosen: string) =>
  [...new Set([...Array.from({ length: (24 * 60) / step }, (_, n) => clock(n * step)), chosen])].sort();

const FIELDS = {
  timeZone: 'Time zone',
  dailyAt: 'Daily email',
  'quiet.from': 'Quiet hours, from',
  'quiet.to': 'Quiet hours, to',
};

/** When one may be told: the hour of the daily email, and the quiet hours, in one's own time zone. */
export function Times({ times: set, saved }: { times: AlertTimes; saved: (times: AlertTimes) => void }) {
  const [quiet, setQuiet] = useState(set.quiet !== null);
  return (
    <section class="card" aria-labelledby="alert-times">
      <h2 id="alert-times">When we tell you</h2>
      <Form
        fields={FIELDS}
        send={async (values) => {
          const body: AlertTimes = {
            timeZone: text(values, 'timeZone'),
            dailyAt: text(values, 'dailyAt'),
            quiet: quiet ? { from: text(values, 'quiet.from'), to: text(values, 'quiet.to') } : null,
          };
          await call('PUT', '/v1/notifications', { body });
          saved(body);
          toast({ text: 'Saved.' });
        }}
      >
        {({ errors, busy }) => (
          <>
            <ZoneSelect
              value={set.timeZone || ownZone()}
              hint="Yours, wherever your sites are."
              error={errors.timeZone}
            />
            <Select
              label="Daily email"
              name="dailyAt"
              hint="For sites set to one email a day. If nothing came in, we don’t send one."
              error={errors.dailyAt}
            >
              <Options step={60} chosen={set.dailyAt} />
            </Select>
            <label class="alert-quiet">
              <input type="checkbox" checked={quiet} onChange={(event) => setQuiet(event.currentTarget.checked)} />
              <span>Quiet hours</span>
            </label>
            {quiet && (
              <div class="alert-quiet-times">
                <Select label="From" name="quiet.from" error={errors['quiet.from']}>
                  <Options step={30} chosen={set.quiet?.from ?? '22:00'} />
                </Select>
                <Select label="To" name="quiet.to" error={errors['quiet.to']}>
                  <Options step={30} chosen={set.quiet?.to ?? '07:00'} />
                </Select>
              </div>
            )}
            <p class="field-hint">
              In quiet hours we tell you nothing about requests: not a new one, not a promised call that is due soon,
              nor, if you’re an owner, one that is late. When they end, one email lists everything that still waits. A
              daily email that falls within them comes then, too.
            </p>
            <div class="form-end">
              <Button look="primary" type="submit" busy={busy}>
                Save
              </Button>
            </div>
          </>
        )}
      </Form>
    </section>
  );
}

function Options({ step, chosen }: { step: number; chosen: string }) {
  return (
    <>
      {times(step, chosen).map((at) => (
        <option key={at} value={at} selected={at === chosen}>
          {at}
        </option>
      ))}
    </>
  );
}
