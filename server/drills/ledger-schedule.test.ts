/** What the ledger tells of the schedule, by the ticks of beat. */
import { expect, test } from 'vitest';
import { type Account, type CanaryHappening, createLedger, type LedgerSettings } from './ledger.ts';

const SETTINGS: LedgerSettings = { beganAt: 0, intervalMs: 100, retryMs: 250, expiresMs: 60_000, redeliveryMs: 30_000 };
/** A canary with which nothing is wrong. */
const WELL: readonly CanaryHappening[] = [
  { kind: 'published', id: 'w', at: 100, queue: 'celery' },
  { kind: 'confirmed', id: 'w', at: 102 },
  { kind: 'result', id: 'w', at: 108, worker: 'w1', doneAt: 107 },
];

function accountOf(happenings: readonly CanaryHappening[], now = 200_000): Account {
  const ledger = createLedger(SETTINGS);
  for (const happening of happenings) ledger.note(happening);
  return ledger.account(now);
}

test('a schedule that pauses for longer than its rhythm is out, and one of few ticks teaches no rhythm', () => {
  const ticks = (times: readonly number[]) => times.map((at): CanaryHappening => ({ kind: 'tick', name: 't', at }));
  const outagesOf = (times: readonly number[], now: number) =>
    accountOf([...WELL, ...ticks(times), { kind: 'ended', at: 200 }], now).outages;
  expect(outagesOf([0, 1_000, 2_000, 3_010, 4_000], 4_000)).toEqual([]);
  expect(outagesOf([0, 1_000, 2_000, 3_000, 18_500], 18_600)).toEqual([
    { path: 'schedule', from: 3_000, to: 18_500, ms: 15_000, errorMs: 500 },
  ]);
  expect(outagesOf([0, 9_000, 10_000], 10_000)).toEqual([]);
});

test('a beat that tries many times a second while the broker is broken changes no rhythm: that is one outage, not many', () => {
  const before = [-4_000, -3_000, -2_000, -1_000, 0, 1_000, 2_000];
  const tries = Array.from({ length: 60 }, (_, n) => 12_000 + n * 100 + (n % 3) * 40);
  const seen = [...before, ...tries, 19_000].map((at): CanaryHappening => ({ kind: 'tick', name: 't', at }));
  const { outages } = accountOf([...WELL, ...seen, { kind: 'ended', at: 19_000 }], 19_000);
  expect(outages.filter(({ path }) => path === 'schedule')).toEqual([
    { path: 'schedule', from: 2_000, to: 12_000, ms: 9_500, errorMs: 500 },
  ]);
});

test('nor does a beat that tried many times a second minutes before the run', () => {
  const tries = Array.from({ length: 60 }, (_, n) => -9_000 + n * 24);
  const ticks = [...tries, -4_000, -3_000, -2_000, -1_000, 0, 1_000, 2_000, 9_000, 10_000];
  const seen = ticks.map((at): CanaryHappening => ({ kind: 'tick', name: 't', at }));
  const { outages } = accountOf([...WELL, ...seen, { kind: 'ended', at: 10_000 }], 10_000);
  expect(outages.filter(({ path, from }) => path === 'schedule' && from >= 0)).toEqual([
    { path: 'schedule', from: 2_000, to: 9_000, ms: 6_500, errorMs: 500 },
  ]);
});

test('a schedule of which too few ticks were seen is not told to have been well', () => {
  const untold = (ticks: number) => {
    const seen = Array.from({ length: ticks }, (_, n): CanaryHappening => ({ kind: 'tick', name: 't', at: n * 1_000 }));
    return accountOf([...WELL, ...seen]).unmeasured;
  };
  expect([0, 3, 4].map(untold)).toEqual([['schedule'], ['schedule'], []]);
});

test('a schedule that stands still when the canaries end is out until it ticks again, and one that ticked is not waited for', () => {
  const outagesOf = (times: readonly number[], now: number) => {
    const ticks = times.map((at): CanaryHappening => ({ kind: 'tick', name: 't', at }));
    const { outages } = accountOf([...WELL, ...ticks, { kind: 'ended', at: 8_000 }], now);
    return outages.filter(({ path }) => path === 'schedule');
  };
  const well = [0, 1_000, 2_000, 3_000, 4_000];
  expect(outagesOf(well, 20_000)).toMatchObject([{ path: 'schedule', from: 4_000, to: null }]);
  expect(outagesOf([...well, 21_500], 30_000)).toMatchObject([{ path: 'schedule', from: 4_000, to: 21_500 }]);
  expect(outagesOf([...well, 5_000, 6_000, 7_000], 20_000)).toEqual([]);
});

test('how long the schedule was out is told by the one that ticks most often', () => {
  const ticks = (name: string, times: readonly number[]) =>
    times.map((at): CanaryHappening => ({ kind: 'tick', name, at }));
  const often = [0, 1_000, 2_000, 3_000, 4_000, 30_000, 31_000];
  const rarely = [-30_000, -20_000, -10_000, 0, 35_000];
  const all = [...WELL, ...ticks('often', often), ...ticks('rarely', rarely)];
  const { outages } = accountOf([...all, { kind: 'ended', at: 31_500 }], 36_000);
  expect(outages.filter(({ path }) => path === 'schedule')).toEqual([
    { path: 'schedule', from: 4_000, to: 30_000, ms: 25_500, errorMs: 500 },
  ]);
});
