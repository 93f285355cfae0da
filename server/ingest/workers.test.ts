import { expect, test } from 'vitest';
import type { WorkerEvent } from '#server/celery/events.ts';
import { watchWorkers } from './workers.ts';

const START = 1_000_000;
const ID = 'celery@host-1';

function said(type: WorkerEvent['type'], at: number | null, more: Partial<WorkerEvent> = {}): WorkerEvent {
  return {
    ...{ type, worker: ID, at, pid: 7, everyMs: 2_000, active: 1, processed: 0, loadAverage: [1, 1, 1] },
    ...{ software: 'py-celery 5.2.6', system: 'Linux', clock: 1 },
    ...more,
  };
}

/** A watch that hears one worker every two seconds. */
function setUp(skewMs = 0) {
  const watch = watchWorkers([], START);
  let now = START;
  return {
    watch,
    get now() {
      return now;
    },
    /** A heartbeat now, and then two seconds of time. */
    beat(processed: number, more: Partial<WorkerEvent> = {}) {
      watch.hear(said('heartbeat', now + skewMs, { processed, ...more }), now, true);
      now += 2_000;
    },
    /** Stored now, of tasks that began before the heartbeat that came last, or so many ms after it. */
    starts(count: number, pid = 7, afterBeatMs = 0) {
      watch.stored(
        Array.from({ length: count }, () => ({ worker: ID, pid, at: now - 2_000 + afterBeatMs + skewMs })),
        [],
      );
    },
    wait(ms: number) {
      now += ms;
    },
    worker: () => watch.reports()[0],
  };
}

test('a killed worker is silent 5 s after its last heartbeat, and not before', () => {
  const { watch, beat, worker } = setUp();
  beat(0);
  expect(watch.judge(START + 5_000, START)).toBe(false);
  expect(watch.judge(START + 5_250, START)).toBe(true);
  expect(worker()).toMatchObject({ state: 'silent', heartbeatAt: START });
});

test('a worker that was killed and is back at once is online since its new process was heard first', () => {
  const { beat, worker } = setUp();
  beat(0);
  beat(5);
  beat(0, { pid: 8 });
  beat(1, { pid: 8 });
  expect(worker()).toMatchObject({ state: 'online', since: START + 4_000, pid: 8 });
});

test('a worker that was silent and is back is the same process, unless it has another pid or counts anew', () => {
  const { watch, beat, wait, worker } = setUp();
  const since = () => [worker()?.since, watch.processesSince().get(ID)];
  beat(5);
  wait(8_000);
  watch.judge(START + 10_000, START);
  expect(worker()?.state).toBe('silent');
  beat(5);
  expect(since()).toEqual([START + 10_000, START]);
  beat(5, { pid: 8 });
  expect(since()).toEqual([START + 12_000, START + 12_000]);
  beat(0, { pid: 8, type: 'online' });
  expect(watch.processesSince().get(ID)).toBe(START + 14_000);
});

test('a worker that beats rarely is given two of its beats', () => {
  const { watch, beat, worker } = setUp();
  beat(0, { everyMs: 30_000 });
  watch.judge(START + 60_000, START);
  expect(worker()?.state).toBe('online');
  watch.judge(START + 60_001, START);
  expect(worker()?.state).toBe('silent');
});

test('nobody is called silent while events do not come, nor until its beats could have come again', () => {
  const { watch, beat, worker } = setUp();
  beat(0);
  watch.judge(START + 60_000, null);
  watch.judge(START + 60_000, START + 56_000);
  expect(worker()?.state).toBe('online');
  watch.judge(START + 61_001, START + 56_000);
  expect(worker()?.state).toBe('silent');
});

test('a good-bye is offline at once, a heartbeat that comes after it in the wrong order changes nothing', () => {
  const { watch, beat, worker } = setUp();
  beat(3);
  watch.hear(said('offline', START + 2_000), START + 2_010, true);
  watch.hear(said('heartbeat', START + 1_900), START + 2_020, true);
  expect(worker()).toMatchObject({ state: 'offline', since: START + 2_010 });
  watch.hear(said('online', START + 9_000, { pid: 8 }), START + 9_010, true);
  expect(worker()).toMatchObject({ state: 'online', pid: 8 });
});

test('the good-bye of an old process does not end the new one under its name', () => {
  const { watch, beat, worker } = setUp();
  beat(3);
  watch.hear(said('online', START + 1_000, { pid: 8 }), START + 1_000, true);
  watch.hear(said('offline', START + 2_000, { pid: 7 }), START + 2_000, true);
  expect(worker()).toMatchObject({ state: 'online', pid: 8 });
});

test('the skew of a clock is the median: one slow delivery does not move it', () => {
  const { watch, beat, worker } = setUp(8_000);
  for (let i = 0; i < 5; i += 1) beat(0);
  watch.hear(said('heartbeat', START + 10_000 + 8_000), START + 13_000, true);
  expect(worker()?.clockSkewMs).toBe(8_000);
});

test('a heartbeat that waited in the queue tells no skew, and is as old as its clock says', () => {
  const { watch, beat, worker } = setUp();
  beat(0);
  watch.hear(said('heartbeat', START + 2_000), START + 90_000, false);
  expect(worker()).toMatchObject({ clockSkewMs: 0, heartbeatAt: START + 2_000 });
});

test('accepted tasks whose start never came are missed, once the next heartbeat gave them time', () => {
  const { beat, starts, worker } = setUp();
  beat(100);
  starts(0);
  expect(worker()?.missedTasks).toBe(0);
  beat(110);
  starts(6);
  expect(worker()?.missedTasks).toBe(0);
  beat(110);
  starts(0);
  expect(worker()?.missedTasks).toBe(4);
});

test('starts that come late are missed no longer', () => {
  const { beat, starts, worker } = setUp();
  beat(0);
  beat(5);
  beat(5);
  starts(0);
  expect(worker()?.missedTasks).toBe(5);
  starts(5, 7, -2_000);
  expect(worker()?.missedTasks).toBe(0);
});

test('what a busy worker starts after a heartbeat neither hides nor moves what was missed before it', () => {
  const { beat, starts, worker } = setUp(-90_000);
  beat(0);
  beat(100);
  starts(70);
  const told: unknown[] = [];
  for (let processed = 200; processed <= 600; processed += 100) {
    for (const afterBeatMs of [500, 1_000, 1_500, 1_900]) {
      starts(25, 7, afterBeatMs);
      told.push(worker()?.missedTasks);
    }
    beat(processed);
    starts(0);
    told.push(worker()?.missedTasks);
  }
  // The first heartbeat after the gap gives its starts time to come.
  expect(told.slice(0, 4)).toEqual([0, 0, 0, 0]);
  expect(new Set(told.slice(4))).toEqual(new Set([30]));
});

test('what a worker did before Trellis met it was not missed, and a new process begins anew', () => {
  const { watch, beat, starts, worker } = setUp();
  beat(5_000);
  beat(5_000);
  starts(0);
  expect(worker()?.missedTasks).toBe(0);
  watch.hear(said('online', START + 5_000, { pid: 8, processed: 0 }), START + 5_000, true);
  watch.hear(said('heartbeat', START + 7_000, { pid: 8, processed: 3 }), START + 7_000, true);
  watch.hear(said('heartbeat', START + 9_000, { pid: 8, processed: 3 }), START + 9_000, true);
  starts(1, 8);
  expect(worker()?.missedTasks).toBe(2);
});

test('a worker that says online again at a reconnect is the same process, and nothing of it was missed', () => {
  const { watch, beat, starts, worker } = setUp();
  beat(500);
  starts(0);
  watch.hear(said('online', START + 5_000, { processed: 510 }), START + 5_000, true);
  beat(510);
  beat(510);
  starts(10);
  expect(worker()?.missedTasks).toBe(0);
});

test('over a restart of Trellis the count goes on: what was sent meanwhile and dropped is missed', () => {
  const first = setUp();
  first.beat(10);
  first.beat(20);
  first.starts(10);
  const [mark] = first.watch.marks(first.now, []);
  expect(mark).toMatchObject({ worker: ID, pid: 7, processed: 20, seen: 20 });
  const watch = watchWorkers(mark === undefined ? [] : [mark], START + 60_000);
  for (const at of [60_000, 62_000]) watch.hear(said('heartbeat', START + at, { processed: 50 }), START + at, true);
  watch.stored([], []);
  expect(watch.reports()[0]?.missedTasks).toBe(30);
  expect([watch.takeGap(), watch.takeGap()]).toEqual([mark?.at, null]);
});

test('what was missed before a restart, or waited in the queue over it, is no gap after it', () => {
  const restart = (processed: number, seen: number) => {
    const watch = watchWorkers([{ worker: ID, pid: 7, processed, seen, at: START }], START + 60_000);
    for (const at of [60_000, 62_000, 64_000]) {
      watch.hear(said('heartbeat', START + at, { processed: processed + 10 }), START + at, true);
      const starts = at === 62_000 ? 10 : 0;
      watch.stored(
        Array.from({ length: starts }, () => ({ worker: ID, pid: 7, at: START + 30_000 })),
        [],
      );
      if (at !== 60_000) expect(watch.takeGap()).toBeNull();
    }
    return watch.reports()[0]?.missedTasks;
  };
  expect([restart(50, 50), restart(50, 20)]).toEqual([0, 30]);
});

test('a worker that did much while Trellis was away, and nothing since, is not one that sends no events', () => {
  const watch = watchWorkers([{ worker: ID, pid: 7, processed: 9, seen: 9, at: START }], START + 60_000);
  for (const at of [60_000, 62_000, 64_000]) {
    watch.hear(said('heartbeat', START + at, { processed: 50 }), START + at, true);
  }
  expect(watch.reports()[0]?.sendsTaskEvents).toBeNull();
});

test('a gap begins where its own worker was last seen whole, however long others are away', () => {
  const { watch, beat, now } = setUp();
  beat(0, { worker: 'celery@gone' });
  beat(0, { worker: 'celery@gone' });
  const at = now + 3_600_000;
  const later = (ms: number, processed: number) => watch.hear(said('heartbeat', at + ms, { processed }), at + ms, true);
  later(0, 0);
  later(2_000, 1);
  watch.stored([{ worker: ID, pid: 7, at: at + 1_000 }], []);
  later(4_000, 6);
  watch.stored([], []);
  expect(watch.takeGap()).toBeNull();
  later(6_000, 6);
  // Not before it is held against what is stored.
  expect(watch.takeGap()).toBeNull();
  watch.stored([], []);
  expect(watch.takeGap()).toBe(at + 2_000);
});

test('a worker that died while Trellis was away is known, and silent as soon as it can be judged', () => {
  const watch = watchWorkers([{ worker: ID, pid: 7, processed: 9, seen: 9, at: START }], START + 60_000);
  watch.judge(START + 65_001, START + 60_000);
  expect(watch.reports()[0]).toMatchObject({ id: ID, state: 'silent', heartbeatAt: START });
});

test('marks are given again until they are stored, and hold the starts that are stored with them', () => {
  const { watch, beat, now } = setUp();
  beat(1);
  beat(2);
  const coming = [{ worker: ID, pid: 7, at: now }];
  expect(watch.marks(now, coming)).toMatchObject([{ processed: 2, seen: 2 }]);
  expect(watch.marks(now, coming)).toHaveLength(1);
  watch.kept();
  watch.stored(coming, []);
  expect(watch.marks(now, [])).toEqual([]);
});

test('a worker that works without task events does not send them; one that sends any does', () => {
  const mute = setUp();
  mute.beat(0);
  expect(mute.worker()?.sendsTaskEvents).toBeNull();
  for (const processed of [3, 3, 3]) mute.beat(processed);
  expect(mute.worker()?.sendsTaskEvents).toBe(false);
  mute.watch.stored([], [ID]);
  expect(mute.worker()?.sendsTaskEvents).toBe(true);
});

test('names that were gone for a day are forgotten', () => {
  const { watch, beat } = setUp();
  beat(0);
  watch.judge(START + 10_000, START);
  watch.judge(START + 86_400_001, START);
  expect(watch.reports()).toEqual([]);
});
