import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { BATCH_LIMITS, createBatches } from './batches.ts';

function setUp() {
  const clock = manualClock();
  const disk = { failure: null as Error | null, writes: [] as number[][] };
  const acknowledged: number[] = [];
  const states: (string | null)[] = [];
  const batches = createBatches<{ id: number; bytes: number; acknowledge(): void }>({
    clock,
    random: () => 0,
    write(batch) {
      if (disk.failure !== null) throw disk.failure;
      disk.writes.push(batch.map(({ id }) => id));
    },
    onState: (failure) => states.push(failure?.message ?? null),
  });
  const add = (id: number, bytes = 100) =>
    batches.add({
      id,
      bytes,
      acknowledge() {
        // What is acknowledged must be on the disk.
        expect(disk.writes.flat()).toContain(id);
        acknowledged.push(id);
      },
    });
  return { clock, disk, acknowledged, states, batches, add };
}

const FULL = new Error('the disk is full');

test('a lonely message is written 25 ms after it came, and acknowledged only then', () => {
  const { clock, add, disk, acknowledged } = setUp();
  add(1);
  clock.advance(24);
  expect([disk.writes, acknowledged]).toEqual([[], []]);
  clock.advance(1);
  expect([disk.writes, acknowledged]).toEqual([[[1]], [1]]);
});

test('the wait is counted from the first message, however many follow', () => {
  const { clock, add, disk } = setUp();
  for (let id = 0; id < 5; id += 1) {
    add(id);
    clock.advance(5);
  }
  expect(disk.writes).toEqual([[0, 1, 2, 3, 4]]);
});

test('while many come they are gathered for 100 ms and no longer, and when fewer come no longer than usual', () => {
  const { clock, add, disk } = setUp();
  let id = 0;
  const come = (count: number, forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 1) {
      for (let i = 0; i < count; i += 1) {
        id += 1;
        add(id);
      }
      clock.advance(1);
    }
  };
  come(10, 100);
  expect(disk.writes.map((ids) => ids.length)).toEqual([1_000]);
  // 10 a millisecond for one wait, then 2: the next wait is the last.
  come(10, 25);
  come(2, 24);
  expect(disk.writes).toHaveLength(1);
  come(2, 1);
  expect(disk.writes.map((ids) => ids.length)).toEqual([1_000, 300]);
});

test('many messages, and large ones, are written at once and acknowledged together', () => {
  const { add, disk, acknowledged } = setUp();
  for (let id = 1; id <= BATCH_LIMITS.messages; id += 1) add(id);
  expect(disk.writes.map((ids) => ids.length)).toEqual([BATCH_LIMITS.messages]);
  expect(acknowledged).toEqual([BATCH_LIMITS.messages]);
  add(0, BATCH_LIMITS.bytes);
  expect(disk.writes.at(-1)).toEqual([0]);
});

test('while writing fails nothing is acknowledged, everything is kept, and it is told; then all of it is written', () => {
  const { clock, add, disk, acknowledged, states, batches } = setUp();
  disk.failure = FULL;
  add(1);
  clock.advance(25);
  add(2);
  clock.advance(10_000);
  expect([acknowledged, disk.writes, batches.pending, batches.failing]).toEqual([[], [], 2, true]);
  expect(new Set(states)).toEqual(new Set(['the disk is full']));
  disk.failure = null;
  clock.advance(15_000);
  expect([disk.writes, acknowledged, batches.failing]).toEqual([[[1, 2]], [2], false]);
  expect(states.at(-1)).toBeNull();
});

test('a full disk is tried again after 0.5 s, then ever more rarely, never by each message', () => {
  const { clock, add, disk, states } = setUp();
  disk.failure = FULL;
  add(1);
  clock.advance(25);
  const before = states.length;
  for (let id = 2; id < 1_000; id += 1) add(id);
  expect(states.length).toBe(before);
  clock.advance(60_000);
  expect(states.length).toBeLessThanOrEqual(before + 9);
  expect(states.length).toBeGreaterThanOrEqual(before + 6);
});

test('when the link is lost, what can be written is written, and what cannot is let go to come again', () => {
  const { clock, add, disk, batches } = setUp();
  add(1);
  batches.lost();
  expect(disk.writes).toEqual([[1]]);
  disk.failure = FULL;
  add(2);
  batches.lost();
  expect([batches.pending, batches.failing]).toEqual([0, true]);
  disk.failure = null;
  add(3);
  clock.advance(15_000);
  expect([disk.writes.at(-1), batches.failing]).toEqual([[3], false]);
});
