import { expect, test } from 'vitest';
import { createMissed } from './missed.ts';
import type { WorkerReport } from './workers.ts';

const report = (missedTasks: number, sendsTaskEvents: boolean | null = true): WorkerReport => ({
  ...{ id: 'celery@host-1', heartbeatAt: 0, heartbeatEveryMs: 2_000, state: 'online', since: 0, pid: 7, active: null },
  ...{ processed: null, loadAverage: null, software: null, system: null, clockSkewMs: null },
  ...{ sendsTaskEvents, missedTasks },
});

/** One worker, heard at these times; tells what is told of it. */
function heard(...times: number[]) {
  const missed = createMissed();
  for (const at of times) missed.heard('celery@host-1', at);
  const told = (one: WorkerReport, now: number) => {
    const [first] = missed.told([one], now);
    return [first?.missedTasks, first?.sendsTaskEvents, missed.isWhole];
  };
  return { missed, told };
}

test('heartbeats two seconds apart are judged at once, and so is a single one', () => {
  expect(heard(0).told(report(3), 0)).toEqual([3, true, true]);
  expect(heard(0, 2_000, 4_000).told(report(3), 4_000)).toEqual([3, true, true]);
});

test('where heartbeats come at once, what was told before stays, until all that they count is stored', () => {
  const { missed, told } = heard(0);
  expect(told(report(3), 0)).toEqual([3, true, true]);
  missed.heard('celery@host-1', 2_000);
  missed.heard('celery@host-1', 2_010);
  expect(told(report(90), 2_010)).toEqual([3, true, false]);
  expect(told(report(80), 3_310)).toEqual([3, true, false]);
  expect(told(report(4), 3_311)).toEqual([4, true, true]);
});

test('nobody is called mute by heartbeats that come at once, and who was called mute before stays so', () => {
  expect(heard(0, 10).told(report(5, false), 10)).toEqual([0, null, false]);
  const { missed, told } = heard(0);
  expect(told(report(0, false), 0)).toEqual([0, false, true]);
  missed.heard('celery@host-1', 10);
  expect(told(report(5, false), 10)).toEqual([0, false, false]);
  expect(told(report(5, true), 10)).toEqual([0, true, false]);
});
