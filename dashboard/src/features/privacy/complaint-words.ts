import { call } from '../../lib/api';
import type { ComplaintEntry, SiteComplaint } from '../../lib/api.gen';
import { csv, save } from '../../lib/save';

export const STATE: Record<SiteComplaint['state'], string> = {
  open: 'New',
  'in-progress': 'In progress',
  answered: 'Answered',
};
export const RESULT: Record<NonNullable<SiteComplaint['result']>, string> = {
  upheld: 'Upheld',
  'partly-upheld': 'Partly upheld',
  'not-upheld': 'Not upheld',
  withdrawn: 'Withdrawn',
};
const STEP: Record<ComplaintEntry['what'], string> = {
  received: 'Received',
  acknowledged: 'Acknowledged by email in your name',
  started: 'Started',
  note: 'Note',
  update: 'Told the person',
  answered: 'Answered',
  reopened: 'Reopened',
};

export const stepOf = ({ what, by }: ComplaintEntry): string => (by ? `${STEP[what]} · ${by}` : STEP[what]);

const DAY = 86_400_000;

/** What is left of the thirty days, in words; late from the day after the last. */
export function daysLeft({ dueAt, state }: Pick<SiteComplaint, 'dueAt' | 'state'>, now = Date.now()) {
  if (state === 'answered') return null;
  const days = Math.ceil((new Date(dueAt).getTime() - now) / DAY);
  if (days <= 0)
    return { text: days > -1 ? 'Overdue since today' : `${1 - days} days overdue`, late: true, soon: true };
  return { text: days === 1 ? 'Last day' : `${days} days left`, late: false, soon: days <= 8 };
}

export const whoOf = ({ name, email, phone }: SiteComplaint): string => name || email || phone;

export const list = (state: 'open' | 'answered', site: string, cursor?: string, signal?: AbortSignal) =>
  call('GET', '/v1/site-complaints', {
    query: { state, ...(site && { site }), ...(cursor && { cursor }) },
    signal,
  });

const COLUMNS: [string, (one: SiteComplaint) => string][] = [
  ['Number', (one) => one.id],
  ['Site', (one) => one.siteName],
  ['Received', (one) => one.createdAt],
  ['Acknowledged', (one) => one.acknowledgedAt ?? ''],
  ['To be answered by', (one) => one.lastDay],
  ['Status', (one) => STATE[one.state]],
  ['Result', (one) => (one.result ? RESULT[one.result] : '')],
  ['Answered', (one) => one.answeredAt ?? ''],
  ['Name', (one) => one.name],
  ['Email', (one) => one.email],
  ['Phone', (one) => one.phone],
  ['Complaint', (one) => one.message],
  ['Answer', (one) => one.answer],
  ['History', (one) => one.history.map((e) => `${e.at} ${stepOf(e)}${e.text && `: ${e.text}`}`).join('\n')],
];

/** The register as a file that no spreadsheet takes for formulas. */
export const registerText = (all: SiteComplaint[]): string =>
  `\uFEFF${csv(
    COLUMNS.map(([name]) => name),
    all.map((one) => COLUMNS.map(([, of]) => of(one))),
  )}`;

/** Saves the whole register, or that of a site: what is open, then what was answered. */
export async function saveRegister(site: string): Promise<void> {
  const all: SiteComplaint[] = [];
  for (const state of ['open', 'answered'] as const) {
    let next: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list(state, site, next ?? undefined);
      all.push(...page.items);
      next = page.next;
    } while (next);
  }
  save(`complaints-${new Date().toISOString().slice(0, 10)}.csv`, 'text/csv;charset=utf-8', registerText(all));
}
