import type { Callback, HistoryEntry, Outcome, Status } from '../../lib/api.gen';

export const STATUS: Record<Status, string> = {
  new: 'New',
  called: 'Called',
  missed: 'Missed',
  cancelled: 'Cancelled',
};

/** In the order they are offered. */
export const OUTCOMES: { id: Outcome; label: string }[] = [
  { id: 'talked', label: 'Talked' },
  { id: 'no-answer', label: 'No answer' },
  { id: 'wrong-number', label: 'Wrong number' },
  { id: 'not-interested', label: 'Not interested' },
  { id: 'spam', label: 'Spam' },
];

/** What a request's tag says: how the call went, where that is known. */
export const stateOf = (item: Pick<Callback, 'status' | 'outcome'>): string =>
  OUTCOMES.find((one) => one.id === item.outcome)?.label ?? STATUS[item.status];

const DONE: Record<HistoryEntry['what'], string> = {
  new: 'Marked as new',
  called: 'Marked as called',
  missed: 'Marked as missed',
  cancelled: 'Cancelled',
  talked: 'Talked',
  'no-answer': 'No answer',
  'wrong-number': 'Wrong number',
  'not-interested': 'Not interested',
  spam: 'Marked as spam',
  claimed: 'Started calling',
  released: 'Stopped calling',
  noted: 'Changed the note',
  moved: 'Chose another time',
  assigned: 'Assigned',
  'handed-back': 'Handed back to everyone',
  'try-again': 'Set the next attempt',
};

export const entryOf = (entry: HistoryEntry, visitor: string): string =>
  `${DONE[entry.what]}${entry.to ? ` to ${entry.to}` : ''} · ${entry.name || visitor}`;

/** What became of the time that the visitor was promised. */
export const DUE: Record<NonNullable<Callback['promise']>['state'], string> = {
  waiting: 'Due',
  kept: 'Called in time, due',
  broken: 'Late, was due',
  cancelled: 'Cancelled, was due',
};
