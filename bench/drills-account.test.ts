import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { figuresOf, longestOutage, type Probed, Sightings, TICK_INTERVAL_MS } from './drills-account.ts';

const CANARY = (number: number) => `trellis-0123abcd-${String(number).padStart(6, '0')}`;
const [A, B] = ['celery@host-1', 'celery@host-2'];

const event = (type: string, uuid: string, seconds: number, hostname = A, more: object = {}) => ({
  ...{ type, uuid, hostname, pid: 1, timestamp: seconds },
  ...more,
});
const result = (worker: string, done: string) => JSON.stringify({ status: 'SUCCESS', worker, date_done: done });
const every = (fromMs: number, toMs: number, byMs = 100) =>
  Array.from({ length: Math.floor((toMs - fromMs) / byMs) + 1 }, (_, n) => fromMs + n * byMs);
const watching = { fromMs: 1_000, untilMs: 20_000, usualMs: 100, patience: 2.5, retryMs: 50 };

describe('a run of a task', () => {
  it('is one however many queues, and nodes, tell of it', () => {
    const seen = new Sightings();
    for (let queue = 0; queue < 3; queue += 1) {
      seen.noteLine(event('task-started', 'a', 10.25));
      seen.noteLine(event('task-succeeded', 'a', 10.5));
      seen.noteResult('a', result(A, '2026-01-01T00:00:00.5'), 0);
    }
    expect(seen.runsOf('a')).toBe(1);
    expect(seen.runTimes('a')).toEqual([10_250]);
  });

  it('is another one where it began at another time, or on another worker', () => {
    const seen = new Sightings();
    seen.noteLine(event('task-started', 'a', 10));
    seen.noteLine(event('task-started', 'a', 15));
    seen.noteLine(event('task-started', 'b', 10));
    seen.noteLine(event('task-started', 'b', 10, B));
    expect([seen.runsOf('a'), seen.runsOf('b')]).toEqual([2, 2]);
  });

  it('is one where its worker stored the result again for want of an answer, and two where two workers did', () => {
    const seen = new Sightings();
    seen.noteLine(event('task-started', 'a', 10));
    seen.noteResult('a', result(A, '2026-01-01T00:00:00'), 0);
    seen.noteResult('a', result(A, '2026-01-01T00:00:03'), 0);
    expect(seen.runsOf('a')).toBe(1);
    seen.noteResult('a', result(B, '2026-01-01T00:00:04'), 0);
    expect(seen.runsOf('a')).toBe(2);
  });

  it('has begun where it started, and ended only where it came to its end or has a result', () => {
    const seen = new Sightings();
    seen.noteLine(event('task-started', 'cut', 10));
    seen.noteLine(event('task-failed', 'failed', 10));
    seen.noteResult('told', result(A, '2026-01-01T00:00:00'), 0);
    seen.noteResult('under way', JSON.stringify({ status: 'STARTED' }), 0);
    seen.noteStored('kept');
    const all = ['cut', 'failed', 'told', 'under way', 'kept', 'never'];
    expect(all.filter((id) => seen.hasBegun(id))).toEqual(['cut', 'failed', 'told', 'kept']);
    expect(all.filter((id) => seen.isExecuted(id))).toEqual(['failed', 'told', 'kept']);
  });
});

describe('the account', () => {
  const window = { fromMs: 1_000, untilMs: 5_000 };
  const probe = (confirmed: boolean): Probed => ({ publishedAt: 0, confirmedAt: confirmed ? 1 : null, readAt: null });

  it('counts canaries that ran, ran twice, and ran without leaving a result', () => {
    const seen = new Sightings();
    for (const number of [0, 1, 2]) seen.noteLine(event('task-succeeded', CANARY(number), 10));
    seen.noteLine(event('task-started', CANARY(1), 10));
    seen.noteLine(event('task-started', CANARY(1), 12, B));
    for (const number of [0, 1]) seen.noteStored(CANARY(number));
    seen.noteLine(event('task-started', CANARY(3), 10));
    expect(figuresOf(seen, new Map(), [], window).canaries).toEqual({ executed: 3, repeated: 1, resultsLost: 1 });
  });

  it('counts as run, without a result, what only began in a process that went on, and as lost what died with it', () => {
    const seen = new Sightings();
    seen.noteLine(event('task-started', CANARY(0), 10));
    seen.noteLine(event('task-started', CANARY(1), 10, B));
    seen.noteLine(event('task-received', 'other', 15));
    seen.noteLine(event('task-received', 'other', 14.9, B));
    seen.noteLine(event('task-received', 'other', 30, B, { pid: 2 }));
    const probes = new Map([0, 1].map((number) => [CANARY(number), probe(true)]));
    const told = figuresOf(seen, probes, [], window);
    expect(told.canaries).toEqual({ executed: 1, repeated: 0, resultsLost: 1 });
    expect(told.probes).toEqual({ confirmed: 2, lost: 1, repeated: 0, resultsLost: 1 });
  });

  it('leaves out late canaries of another run, and tasks that only look like one', () => {
    const seen = new Sightings();
    for (const number of [0, 1]) seen.noteLine(event('task-succeeded', CANARY(number), 10));
    seen.noteLine(event('task-succeeded', 'trellis-ffffffff-000099', 10));
    seen.noteLine(event('task-succeeded', 'trellis-retry-1', 10));
    for (const number of [1, 2, 3]) seen.noteStored(`trellis-eeeeeeee-00000${number}`);
    expect(seen.canaryIds()).toEqual([CANARY(0), CANARY(1)]);
  });

  it('calls a task of its own lost where it was confirmed and never came to an end', () => {
    const seen = new Sightings();
    seen.noteLine(event('task-started', 'cut', 10));
    seen.noteLine(event('task-succeeded', 'done', 10));
    seen.noteStored('done');
    const probes = new Map([
      ['cut', probe(true)],
      ['done', probe(true)],
      ['unconfirmed', probe(false)],
    ]);
    expect(figuresOf(seen, probes, [], window).probes).toEqual({ confirmed: 2, lost: 1, repeated: 0, resultsLost: 0 });
  });

  it('calls a task of the traffic lost where it never began, and passes over retries', () => {
    const seen = new Sightings();
    seen.noteLine(event('task-started', 'cut', 10));
    for (const seconds of [11, 13]) seen.noteLine(event('task-started', 'flaky', seconds));
    seen.noteLine(event('task-succeeded', 'flaky', 20));
    const traffic = [
      { id: 'cut', observed: false, mayRepeat: false },
      { id: 'flaky', observed: true, mayRepeat: true },
      { id: 'seen by its publisher', observed: true, mayRepeat: false },
      { id: 'never', observed: false, mayRepeat: false },
    ];
    expect(figuresOf(seen, new Map(), traffic, window).traffic).toEqual({
      ...{ confirmed: 4, lost: 1, repeated: 0, resultsLost: 1 },
    });
  });

  it('is the same in whatever order, and however often, things are seen', () => {
    const things = [0, 1, 2, 3].flatMap((number) => [
      (seen: Sightings) => seen.noteLine(event('task-started', CANARY(number), 10 + number)),
      (seen: Sightings) => seen.noteLine(event('task-succeeded', CANARY(number % 2), 11 + number)),
      (seen: Sightings) => seen.noteResult(CANARY(number), result(number > 1 ? A : B, '2026-01-01T00:00:00'), 0),
      (seen: Sightings) => seen.noteStored(CANARY(number % 3)),
    ]);
    const told = (order: readonly ((seen: Sightings) => void)[]) => {
      const seen = new Sightings();
      for (const thing of order) thing(seen);
      return figuresOf(seen, new Map(), [], window);
    };
    const all = fc.shuffledSubarray(things, { minLength: things.length });
    const again = fc.array(fc.constantFrom(...things), { maxLength: 20 });
    fc.assert(
      fc.property(all, again, (order, more) => {
        expect(told([...order, ...more])).toEqual(told(things));
      }),
      { seed: 7, numRuns: 100 },
    );
  });
});

describe('an outage', () => {
  it('is the longest gap that began in the window, without half the time in which nobody looks', () => {
    const times = [...every(0, 5_000), ...every(8_000, 9_000), ...every(9_600, 20_000)];
    expect(longestOutage(times, watching)).toBe(3_000 - 75);
    expect(longestOutage(times, { ...watching, fromMs: 8_500 })).toBe(600 - 75);
    expect(longestOutage(times, { ...watching, fromMs: 1_000, untilMs: 4_000 })).toBe(25);
  });

  it('counts to its end where it ends after the window', () => {
    expect(longestOutage([...every(0, 5_000), 25_000], { ...watching, untilMs: 6_000 })).toBe(20_000 - 75);
  });

  it('is told however short: who compares decides what is none', () => {
    expect(longestOutage(every(0, 20_000), watching)).toBe(25);
    expect(longestOutage(every(0, 20_000, 400), watching)).toBe(325);
  });

  it('of execution and results is told by the canaries too, once for each, when it was heard first', () => {
    const seen = new Sightings();
    for (const [number, ms] of [...every(0, 5_000), ...every(8_000, 9_000)].entries()) {
      seen.noteLine(event('task-started', CANARY(number), ms / 1_000));
      for (const lateMs of [500, 20]) seen.noteResult(CANARY(number), result(A, '2026-01-01T00:00:00'), ms + lateMs);
    }
    // A run begins before its first canary.
    for (const fromMs of [-1_000, 1_000]) {
      const { canaryOutageMs } = figuresOf(seen, new Map(), [], { fromMs, untilMs: 9_000 });
      expect(canaryOutageMs).toEqual({ execute: 3_000 - 50, result: 3_000 - 75 });
    }
  });

  it('has no length while it lasts, nor where it had not worked before', () => {
    expect(longestOutage(every(0, 10_000), watching)).toBeNull();
    expect(longestOutage(every(2_000, 20_000), watching)).toBeNull();
    expect(longestOutage([], watching)).toBeNull();
  });

  it('of the schedule is told by the one that ticks most, and a tick counts once, however often it was read', () => {
    const seen = new Sightings();
    const tick = (schedule: string, seconds: number) => {
      for (let read = 0; read < 2; read += 1)
        seen.noteLine({ type: 'tick', uuid: `${schedule} ${seconds}`, timestamp: seconds, schedule });
    };
    for (const ms of [...every(0, 10_000, 1_000), ...every(25_000, 40_000, 1_000)]) tick('every second', ms / 1_000);
    for (const seconds of [0, 30]) tick('slow', seconds);
    const { outageMs } = figuresOf(seen, new Map(), [], { fromMs: 5_000, untilMs: 40_000 });
    expect(outageMs.schedule).toBe(15_000 - TICK_INTERVAL_MS / 2);
  });
});
