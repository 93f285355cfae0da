/** While Trellis itself stands still it sees nothing: that is no outage of anybody else. */
import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { type Account, type CanaryHappening, createLedger } from './ledger.ts';
import { watchStill } from './watch-still.ts';

const UNTIL = 10_000;
type Time = { from: number; to: number };

/** One canary every 100 ms, but none while Trellis stands still, and none that works while the broker is away. */
function accountOf(
  stills: readonly Time[],
  away: Time | null,
  unanswered: readonly number[] = [],
  isTold = true,
): Account {
  const ledger = createLedger({ beganAt: 0, intervalMs: 100, retryMs: 50, expiresMs: 60_000, redeliveryMs: 30_000 });
  const isIn = (at: number) => (time: Time | null) => time !== null && at >= time.from && at < time.to;
  for (let at = 100; at < UNTIL; at += 100) {
    if (stills.some(isIn(at)) || isIn(at)(away) || unanswered.includes(at)) continue;
    const id = `c-${at}`;
    const happenings: CanaryHappening[] = [
      { kind: 'published', id, at, queue: 'celery' },
      { kind: 'confirmed', id, at: at + 2 },
      { kind: 'event', id, type: 'started', at: at + 5, heardAt: at + 6, worker: 'w1', pid: 1 },
      { kind: 'result', id, at: at + 8, worker: 'w1', doneAt: at + 7 },
    ];
    for (const happening of happenings) ledger.note(happening);
  }
  for (const { from, to } of isTold ? [...stills, ...stills] : []) ledger.note({ kind: 'still', from, to });
  return ledger.account(UNTIL);
}

test('a gap in which Trellis did not look is no outage, and how long it did not look is told', () => {
  const stills = [
    { from: 2_000, to: 2_450 },
    { from: 2_550, to: 2_900 },
  ];
  expect(accountOf(stills, null)).toMatchObject({ outages: [], stoodStillMs: 800 });
  expect(accountOf(stills, null, [], false).outages.map(({ path }) => path)).toEqual(['publish', 'execute', 'result']);
});

test.each<[string, Time]>([
  ['begins', { from: 2_600, to: 3_400 }],
  ['ends', { from: 4_500, to: 5_300 }],
  ['began and ended', { from: 2_600, to: 5_300 }],
])('of an outage that %s while it did not look the true length lies within the error', (_, still) => {
  const away = { from: 3_000, to: 5_000 };
  const { outages } = accountOf([still], away);
  // Of nothing that was looked at nothing is told.
  expect(outages.map(({ path }) => path)).toEqual(
    still.to - still.from > 2_000 ? [] : ['publish', 'execute', 'result'],
  );
  for (const { ms, errorMs } of outages) {
    expect(Math.abs(ms - 2_000)).toBeLessThanOrEqual(errorMs + 10);
    expect(errorMs).toBeGreaterThanOrEqual(400);
    expect(errorMs).toBeLessThanOrEqual(500);
  }
});

test('several times at an end of which none was long enough to look between count together', () => {
  const away = { from: 3_000, to: 5_000 };
  const stills = [
    { from: 4_800, to: 5_400 },
    { from: 5_510, to: 5_900 },
  ];
  const [publish] = accountOf(stills, away, [5_400, 5_500]).outages;
  expect(publish?.errorMs).toBeGreaterThanOrEqual((600 + 390) / 2);
  expect(Math.abs((publish?.ms ?? 0) - 2_000)).toBeLessThanOrEqual((publish?.errorMs ?? 0) + 10);
});

test('not to have looked in the middle of an outage makes it no less certain', () => {
  const away = { from: 3_000, to: 5_000 };
  expect(accountOf([{ from: 3_500, to: 4_500 }], away).outages).toEqual(accountOf([], away).outages);
});

test('a timer that comes late tells that Trellis stood still, and since when', () => {
  const clock = manualClock(1_000);
  const stills: Time[] = [];
  const cancel = watchStill(clock, (from, to) => stills.push({ from, to }));
  clock.advance(110);
  clock.standStill(60); // 20 ms late
  clock.advance(0);
  clock.standStill(700);
  clock.advance(100);
  expect(stills).toEqual([{ from: 1_220, to: 1_870 }]);
  cancel();
  clock.standStill(5_000);
  clock.advance(100);
  expect(stills).toHaveLength(1);
});
