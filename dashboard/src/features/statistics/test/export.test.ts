import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PromiseFigures, PromiseReport, Statistics } from '../../../lib/api.gen';
import { statisticsTable } from '../export';

const row = { impressions: 40, of: 900, opens: 12, submits: null, wholeOpens: true, wholeSubmits: false };
const STATS: Statistics = {
  site: 's_1',
  timeZone: 'Europe/London',
  from: '2026-11-01',
  to: '2026-11-02',
  by: 'day',
  totals: { impressions: 50, opens: 9, submits: 2 },
  rates: { open: 0.18, submit: 0.22, overall: 0.04 },
  enough: true,
  series: [
    { key: '2026-11-01', impressions: 30, opens: 5, submits: 2 },
    { key: '2026-11-02', impressions: 20, opens: 4, submits: 0 },
  ],
  filtered: { total: 3, reasons: { bot: 3 } },
  breakdowns: {
    divided: { from: '2026-10-01', to: '2026-10-31' },
    page: [{ key: '=HYPERLINK("https://thief.example")', ...row }],
    source: [{ key: 'direct', ...row, submits: 7, wholeSubmits: true }],
    device: [],
  },
};
const FIGURES = { kept: 8, broken: 1, cancelled: 1, notCalled: 0 } as PromiseFigures;
const PROMISES: PromiseReport = {
  site: 's_1',
  timeZone: 'Europe/London',
  from: '2026-11-02',
  to: '2026-11-02',
  total: FIGURES,
  days: [],
  hours: [],
  departments: [{ key: '@Sales', figures: FIGURES }],
};

test('export: every figure of the page, none that it leaves out, and no formula', () => {
  const span = '"2026-11-01","2026-11-02"';
  const months = '"2026-10-01","2026-10-31"';
  assert.deepEqual(statisticsTable(STATS, PROMISES).split('\r\n').slice(1), [
    `"Total","",${span},"50","9","2",${span},"","",""`,
    `"By day","2026-11-01",${span},"30","5","2",${span},"","",""`,
    `"By day","2026-11-02",${span},"20","4","0",${span},"","",""`,
    `"Page","'=HYPERLINK(""https://thief.example"")",${span},"40","12","",${months},"yes","",""`,
    `"Source","direct",${span},"40","12","7",${months},"","",""`,
    `"Not counted","bot",${span},"3","","","","","","",""`,
    `"Promised calls","","2026-11-02","2026-11-02","","","","","","","8","1"`,
    `"Promised calls by department","'@Sales","2026-11-02","2026-11-02","","","","","","","8","1"`,
    '',
  ]);
});
