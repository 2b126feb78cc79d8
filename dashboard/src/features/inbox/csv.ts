import type { Callback } from '../../lib/api.gen';
import { csv, save } from '../../lib/save';
import type { Filter } from './filter';
import { readInbox } from './use-requests';
import { STATUS, stateOf } from './words';

const COLUMNS: [string, (item: Callback, site: string) => string][] = [
  ['Requested', (item) => item.createdAt],
  ['Site', (_, site) => site],
  ['Status', (item) => STATUS[item.status]],
  ['Outcome', (item) => (item.outcome ? stateOf(item) : '')],
  ['Name', (item) => item.name],
  ['Number', (item) => item.phoneShown],
  ['Email', (item) => item.email],
  ['Department', (item) => item.department],
  ['Preferred time', (item) => item.at ?? ''],
  ['Promised by', (item) => item.promise?.due ?? ''],
  ['Next attempt', (item) => item.tryAt ?? ''],
  ['Assigned to', (item) => item.assigned?.name ?? ''],
  ['Page', (item) => item.page],
  ['Message', (item) => item.message],
  ['Note', (item) => item.note],
];

/** What a file holds at most: it is made in the reader's browser, a page at a time. */
const MOST = 10_000;

/** Saves what a filter shows, all its pages. Returns whether there was more than a file holds. */
export async function saveRequests(
  filter: Filter,
  siteName: (id: string) => string,
  progress: (n: number) => void,
): Promise<boolean> {
  const items: Callback[] = [];
  let next: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof readInbox>> = await readInbox(filter, next ?? undefined);
    items.push(...page.items);
    next = page.next;
    progress(items.length);
  } while (next && items.length < MOST);
  const head = COLUMNS.map(([name]) => name);
  const rows = items.map((item) => COLUMNS.map(([, of]) => of(item, siteName(item.site))));
  // The mark before it tells spreadsheets that it is UTF-8.
  save(`requests-${new Date().toISOString().slice(0, 10)}.csv`, 'text/csv;charset=utf-8', `\uFEFF${csv(head, rows)}`);
  return next !== null;
}
