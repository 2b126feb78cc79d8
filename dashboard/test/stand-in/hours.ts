import type { HoursPreview, OpeningHours, Slot } from '../../src/lib/api.gen';
import { type Call, notFound, type Routes, refuse, type SiteCall } from './routes';

const HOUR = 3_600_000;

/** What a site starts from. */
export const suggested = (): OpeningHours => ({
  enabled: false,
  week: (['monday', 'tuesday', 'wednesday', 'thursday', 'friday'] as const).map((day) => ({
    day,
    from: '09:00',
    to: '17:30',
  })),
  exceptions: [],
  bankHolidays: 'england',
  leadMinutes: 60,
  horizonDays: 14,
  slotMinutes: 30,
  bufferMinutes: 0,
  capacity: 2,
  promise: { withinMinutes: 30, toleranceMinutes: 10 },
  departments: [],
  version: 0,
});

/** Slots from tomorrow at ten on, so that a test knows them; the real rules are the server's. */
const slots = (hours: OpeningHours, count: number): Slot[] => {
  const first = Math.ceil(Date.now() / (24 * HOUR)) * 24 * HOUR + 10 * HOUR;
  return Array.from({ length: hours.week.length ? count : 0 }, (_, n) => {
    const at = first + Math.floor(n / 6) * 24 * HOUR + (n % 6) * hours.slotMinutes * 60_000;
    return { at: new Date(at).toISOString(), until: new Date(at + hours.slotMinutes * 60_000).toISOString() };
  });
};

/** The one rule of the server's that the page leaves to it. */
function problem(hours: OpeningHours) {
  const wrong = hours.week.find(({ from, to }) => from >= to);
  const errors = wrong && [{ field: `week.${wrong.day}`, message: 'Closing time must be later than opening time.' }];
  return errors && refuse(400, 'invalid', 'Some fields are invalid.', errors);
}

export const ofSite: Routes<SiteCall> = {
  'GET /v1/sites/{id}/hours': ({ world, site }) => ({ status: 200, body: world.hours.get(site.id) ?? suggested() }),
  'PUT /v1/sites/{id}/hours': ({ world, site, body }) => {
    const hours = body as unknown as OpeningHours;
    const wrong = problem(hours);
    if (wrong) return wrong;
    if (hours.version !== (world.hours.get(site.id)?.version ?? 0))
      return refuse(409, 'conflict', 'Someone else changed this at the same time. Reload and try again.');
    const saved = { ...hours, version: hours.version + 1 };
    world.hours.set(site.id, saved);
    return { status: 200, body: saved };
  },
  'POST /v1/sites/{id}/hours/preview': ({ site, body }) => {
    const hours = body as unknown as OpeningHours;
    const preview: HoursPreview = {
      timeZone: site.timeZone,
      open: true,
      changesAt: new Date(Math.ceil(Date.now() / HOUR) * HOUR + 3 * HOUR).toISOString(),
      slots: slots(hours, 12),
      bankHolidays: hours.bankHolidays
        ? [
            { date: '2026-12-25', name: 'Christmas Day' },
            { date: '2026-12-28', name: 'Boxing Day (substitute day)' },
          ]
        : [],
      knownUntil: '2028-12-31',
    };
    return problem(hours) ?? { status: 200, body: preview };
  },
};

export const open: Routes<Call> = {
  'GET /v1/widget/{key}/slots': ({ world, params }) => {
    const site = world.sites.find((one) => one.key === params.key);
    if (!site) return notFound();
    const hours = world.hours.get(site.id);
    return {
      status: 200,
      body: { timeZone: site.timeZone, slots: hours?.enabled ? slots(hours, 18) : [], next: null },
    };
  },
};
