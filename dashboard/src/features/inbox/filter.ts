/** What of the inbox is shown. It lives in the address, so that back, reload and sharing work. */
export interface Filter {
  state: State;
  site: string;
  department: string;
  person: string;
  /** Days, in the reader's own time. */
  from: string;
  to: string;
}

export type State = 'waiting' | 'called' | 'missed' | 'cancelled' | 'all';

export const STATES: { id: State; label: string }[] = [
  { id: 'waiting', label: 'Waiting' },
  { id: 'called', label: 'Called' },
  { id: 'missed', label: 'Missed' },
  { id: 'cancelled', label: 'Cancelled' },
  { id: 'all', label: 'All' },
];

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const NAMES = ['site', 'department', 'person', 'from', 'to'] as const;

export function filterOf(query: URLSearchParams, site?: string): Filter {
  const text = (name: string) => query.get(name) ?? '';
  const day = (name: string) => (DAY.test(text(name)) ? text(name) : '');
  const wanted = text('status');
  return {
    state: STATES.find((one) => one.id === wanted)?.id ?? 'waiting',
    site: site ?? text('site'),
    department: text('department'),
    person: text('person'),
    from: day('from'),
    to: day('to'),
  };
}

/** The address of a filter, of a request in it. `own` is the site whose page it is. */
export function addressOf(filter: Filter, own?: string, request?: string): string {
  const query = new URLSearchParams({ status: filter.state });
  for (const name of NAMES) if (filter[name] && !(name === 'site' && own)) query.set(name, filter[name]);
  if (request) query.set('request', request);
  return `?${query}`;
}

/** Whether more is chosen than a state. */
export const narrowed = (filter: Filter, own?: string): boolean =>
  NAMES.some((name) => filter[name] && !(name === 'site' && own));

/** The same as the API is asked for it. */
export function queryOf(filter: Filter): Record<string, string> {
  const midnight = (day: string, add: number) => {
    const [y, m, d] = day.split('-').map(Number);
    return new Date(y!, m! - 1, d! + add).toISOString();
  };
  const query: Record<string, string> = {};
  if (filter.state !== 'all') query.state = filter.state;
  for (const name of ['site', 'department', 'person'] as const) if (filter[name]) query[name] = filter[name];
  if (filter.from) query.from = midnight(filter.from, 0);
  if (filter.to) query.to = midnight(filter.to, 1);
  return query;
}
