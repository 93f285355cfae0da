import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Sent, schedulesOf } from './ticks.ts';

const BEAT = 'gen100@host-1';
const OTHER = 'gen200@host-2';

/** Ticks of one schedule at these seconds. */
function ticks(seconds: readonly number[], by = BEAT, kwargs = "{'schedule': 'every-1s'}"): Sent[] {
  return seconds.map((at) => ({ name: 'lab.tick', kwargs, at: at * 1_000, by }));
}

function seconds(from: number, to: number, step = 1): number[] {
  return Array.from({ length: Math.round((to - from) / step) }, (_, i) => from + i * step);
}

/** The one schedule that these show. */
function only(sent: readonly Sent[], until: number) {
  const [schedule, ...more] = schedulesOf(sent, until * 1_000);
  if (schedule === undefined) throw new Error('no schedule');
  expect(more).toEqual([]);
  return schedule;
}

test('a regular schedule has its interval, its newest tick and the next one, and nothing missed or doubled', () => {
  expect(only(ticks(seconds(0, 20)), 20)).toMatchObject({
    ...{ name: 'lab.tick', intervalMs: 1_000, ticks: 20, lastAt: 19_000, lastBy: BEAT, nextAt: 20_000 },
    ...{ missed: 0, doubled: 0, senders: [BEAT] },
  });
});

test('schedules of one task are told apart by their kwargs', () => {
  const sent = [...ticks(seconds(0, 60)), ...ticks(seconds(0, 60, 10), BEAT, "{'schedule': 'every-10s'}")];
  expect(schedulesOf(sent, 60_000).map(({ kwargs, intervalMs }) => [kwargs, intervalMs])).toEqual([
    ["{'schedule': 'every-10s'}", 10_000],
    ["{'schedule': 'every-1s'}", 1_000],
  ]);
});

test('a schedule that beat sent too seldom to be learned is listed without an interval', () => {
  const rare = ticks([7], BEAT, '{}');
  const all = schedulesOf([...ticks(seconds(0, 20)), ...rare], 20_000);
  expect(all.find(({ kwargs }) => kwargs === '{}')).toMatchObject({
    lastAt: 7_000,
    intervalMs: null,
    nextAt: null,
    missed: 0,
  });
});

test('slots without a tick are missed, those after the newest tick too', () => {
  const handover = only([...ticks(seconds(0, 10)), ...ticks(seconds(25, 40), OTHER)], 40);
  expect(handover).toMatchObject({ missed: 15, doubled: 0, senders: [BEAT, OTHER] });
  expect(handover.missedAt.at(-1)).toBe(24_000);
  expect(only(ticks(seconds(0, 10)), 30)).toMatchObject({ missed: 18, nextAt: 10_000 });
});

test('a tick whose event may still be on its way is not missed', () => {
  expect(only(ticks(seconds(0, 10)), 12).missed).toBe(0);
  expect(only(ticks(seconds(0, 10)), 13).missed).toBe(1);
});

test('two beats at once double every slot, whatever lies between their ticks', () => {
  for (const offset of [0, 0.05, 0.3, 0.5, 0.6, 0.8, 0.95]) {
    const both = only([...ticks(seconds(0, 20)), ...ticks(seconds(offset, 20 + offset), OTHER)], 20);
    expect(both, `offset ${offset}`).toMatchObject({ intervalMs: 1_000, missed: 0 });
    expect(both.doubled, `offset ${offset}`).toBeGreaterThanOrEqual(19);
    expect(both.doubledSlots[3]?.by.toSorted()).toEqual([BEAT, OTHER]);
  }
});

test('one beat that sends twice in a slot doubles it', () => {
  const twice = only(ticks([...seconds(0, 10), 4.2].sort((a, b) => a - b)), 10);
  expect(twice).toMatchObject({ doubled: 1, missed: 0, doubledSlots: [{ at: 4_000, by: [BEAT, BEAT] }] });
});

test('a beat that takes over at another fraction of the second neither misses nor doubles from then on', () => {
  const sent = [...ticks(seconds(0, 10)), ...ticks(seconds(10.6, 40.6), OTHER)];
  expect(only(sent, 40)).toMatchObject({ missed: 0, doubled: 0 });
});

test('one late tick of a fixed schedule is neither missed nor doubled, nor is the one after it', () => {
  for (const lateBy of [12, 24, 50]) {
    const minutes = seconds(0, 1_200, 60).map((at) => (at === 600 ? 600 + lateBy : at));
    expect(only(ticks(minutes), 1_200)).toMatchObject({ intervalMs: 60_000, missed: 0, doubled: 0 });
  }
  expect(only(ticks([0.2, ...seconds(1, 20)]), 20)).toMatchObject({ missed: 0, doubled: 0 });
});

test('a beat that makes up for a slot and then keeps to the schedule missed only what it did not send', () => {
  const handover = only([...ticks(seconds(0, 600, 60)), ...ticks([708, 720, 780, 840], OTHER)], 840);
  expect(handover).toMatchObject({ missed: 1, doubled: 0, missedAt: [600_000] });
});

test('jitter after a take-over makes nothing missed or doubled', () => {
  const after = seconds(10.7, 40.7).map((at, i) => (i % 5 === 4 ? at + 0.2 : at));
  expect(only([...ticks(seconds(0, 10)), ...ticks(after, OTHER)], 41)).toMatchObject({ missed: 0, doubled: 0 });
});

test('four ticks are too few to learn from', () => {
  expect(schedulesOf(ticks(seconds(0, 4)), 4_000)).toEqual([]);
});

test('small delays that add up do not make slots', () => {
  // Most intervals are alike, so that the others are what the schedule drifts by.
  for (const drift of [0.01, -0.01]) {
    const drifting = seconds(0, 300).map((i) => i + Math.floor(i / 3) * drift);
    expect(only(ticks(drifting), 300 + 100 * drift)).toMatchObject({ missed: 0, doubled: 0 });
  }
});

test('an application that sends at random is no beat, nor is one of its tasks that happens to be regular', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_600_000 }), { minLength: 60, maxLength: 200 }), (times) => {
      const sent = ['a', 'b', 'c'].flatMap((name, i) =>
        times.filter((_, n) => n % 3 === i).map((at) => ({ name, kwargs: '{}', at, by: 'gen7@web' })),
      );
      const regular = ticks(seconds(0, 3_600, 30), 'gen7@web');
      expect(schedulesOf([...sent, ...regular], 3_600_000)).toEqual([]);
    }),
    { seed: 11, numRuns: 200 },
  );
});

test('five chance sends of which two intervals resemble the median are no schedule', () => {
  const times = [0, 10_000, 20_500, 21_200, 30_700];
  expect(
    schedulesOf(
      times.map((at) => ({ name: 'a', kwargs: '{}', at, by: 'gen7@web' })),
      40_000,
    ),
  ).toEqual([]);
});

test('where a host of the lock is known, regular senders elsewhere are no beats', () => {
  const cron = ticks(seconds(0, 60, 2), 'gen7@web', '{}');
  const sent = [...ticks(seconds(0, 60)), ...cron];
  expect(schedulesOf(sent, 60_000)).toHaveLength(2);
  expect(schedulesOf(sent, 60_000, ['host-1', 'host-2'])).toHaveLength(1);
  expect(schedulesOf(sent, 60_000, ['unknown'])).toHaveLength(2);
  const full = [...ticks(seconds(0, 60), 'gen1@host-1.example.com'), ...cron];
  expect(schedulesOf(full, 60_000, ['host-1'])).toHaveLength(1);
});

test('the order in which events are given does not matter', () => {
  const sent = [...ticks(seconds(0, 30)), ...ticks(seconds(40.3, 60.3), OTHER)];
  const told = schedulesOf(sent, 61_000);
  fc.assert(
    fc.property(fc.shuffledSubarray(sent, { minLength: sent.length, maxLength: sent.length }), (shuffled) => {
      expect(schedulesOf(shuffled, 61_000)).toEqual(told);
    }),
    { seed: 5, numRuns: 50 },
  );
});
