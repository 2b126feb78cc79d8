// Prints what ical.js reads of an invitation on standard input, as JSON.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const ICAL = createRequire(process.argv[2])('ical.js');
const calendar = new ICAL.Component((ICAL.default ?? ICAL).parse(readFileSync(0, 'utf8')));
const event = calendar.getFirstSubcomponent('vevent');
const value = (name) => event.getFirstPropertyValue(name);
const at = (name) => {
  if (value(name).zone.tzid !== 'UTC') throw new Error(`${name} is not in UTC`);
  return value(name).toJSDate().toISOString().replace('.000Z', 'Z');
};
console.log(
  JSON.stringify({
    method: calendar.getFirstPropertyValue('method'),
    uid: value('uid'),
    sequence: value('sequence'),
    start: at('dtstart'),
    end: at('dtend'),
    summary: value('summary'),
    description: value('description'),
    status: value('status'),
    organizer: value('organizer'),
    name: event.getFirstProperty('organizer').getParameter('cn'),
    attendee: value('attendee'),
    errors: calendar.getAllSubcomponents('vevent').length === 1 ? [] : ['not one event'],
  }),
);
