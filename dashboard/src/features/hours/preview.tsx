import { useState } from 'preact/hooks';
import { call } from '../../lib/api';
import type { HoursPreview, OpeningHours, Site } from '../../lib/api.gen';
import { dateTime, longDateTime, zoneName } from '../../lib/format';
import { usePreview } from '../../lib/preview';

/** What the hours would mean from now on, as the server reckons it; asked again once nobody types. */
export function Preview({ site, hours }: { site: Site; hours: OpeningHours }) {
  const [department, setDepartment] = useState('');
  const { preview, problem } = usePreview(JSON.stringify([site.id, hours, department]), (signal) =>
    call('POST', '/v1/sites/{id}/hours/preview', {
      path: { id: site.id },
      query: { department },
      body: hours,
      signal,
    }),
  );
  return (
    <section class="card hours-preview" aria-labelledby="hours-preview">
      <h2 id="hours-preview">Next times offered</h2>
      {hours.departments.some((one) => one.name) && (
        <div class="field">
          <label for="hours-preview-of">Department</label>
          <select
            id="hours-preview-of"
            class="input"
            value={department}
            onChange={(event) => setDepartment(event.currentTarget.value)}
          >
            <option value="">None</option>
            {hours.departments.map(({ name }, n) => name && <option key={n}>{name}</option>)}
          </select>
        </div>
      )}
      {problem && <p class="field-error">{problem}</p>}
      {preview && !problem && <Shown preview={preview} />}
    </section>
  );
}

function Shown({ preview }: { preview: HoursPreview }) {
  const zone = preview.timeZone;
  const day = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <>
      <p class="muted">
        Times in {zoneName(zone)}. {preview.open ? 'Open now' : 'Closed now'}
        {preview.changesAt && `, ${preview.open ? 'until' : 'opens'} ${dateTime(preview.changesAt, zone)}`}.
      </p>
      {preview.slots.length === 0 ? (
        <p>No times: nothing is open between the lead time and the horizon.</p>
      ) : (
        <ul class="hours-slots">
          {preview.slots.map(({ at }) => (
            <li key={at}>
              <time dateTime={at} title={longDateTime(at, zone)}>
                {dateTime(at, zone)}
              </time>
            </li>
          ))}
        </ul>
      )}
      {preview.bankHolidays.length > 0 && (
        <p class="muted">
          Next bank holidays:{' '}
          {preview.bankHolidays.map(({ date, name }) => `${name} (${day.format(new Date(date))})`).join(', ')}. Known
          until {day.format(new Date(preview.knownUntil))}.
        </p>
      )}
    </>
  );
}
