import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { PREFETCH } from './amqp-link.ts';
import { BATCH_LIMITS, createBatches } from './batches.ts';

type Message = { tag: number; bytes: number; cameAt: number };
type Written = { id: string; tag: number };

/** Tags count from 1. A message holds one event of each of its tasks; of a task of its own unless told. */
function setUp() {
  const clock = manualClock();
  const disk = { failure: null as Error | null, writes: [] as Written[][] };
  const acknowledged: number[] = [];
  const states: (string | null)[] = [];
  const held = { messages: 0, bytes: 0 };
  let tag = 0;
  const batches = createBatches<Message, Written>({
    clock,
    random: () => 0,
    write({ changes }) {
      if (disk.failure !== null) throw disk.failure;
      disk.writes.push([...changes]);
    },
    acknowledge: (last) => acknowledged.push(last.tag),
    onState: (failure) => states.push(failure?.message ?? null),
  });
  const add = (tasks: readonly string[] | null = null, bytes = 100) => {
    tag += 1;
    const mine = tag;
    batches.add(
      { tag, bytes, cameAt: clock.now() },
      (tasks ?? [`own-${tag}`]).map((id) => ({ id, tag: mine })),
    );
    held.messages = Math.max(held.messages, batches.pending.messages);
  };
  /** So many messages of tasks of their own in each of so many milliseconds. */
  const come = (count: number, forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 1) {
      for (let i = 0; i < count; i += 1) add();
      clock.advance(1);
    }
  };
  const tags = () => disk.writes.map((changes) => changes.map((change) => change.tag));
  const of = (id: string) => disk.writes.map((changes) => changes.filter((change) => change.id === id).length);
  return { clock, disk, acknowledged, states, batches, add, come, tags, of, held };
}

const FULL = new Error('the disk is full');
/** A load at which it gathers for the whole window. */
const BUSY_PER_MS = 7;
const { windowMs, periodMs, waitMs } = BATCH_LIMITS;

test('a lonely message is written 25 ms after it came, and acknowledged only then', () => {
  const { clock, add, tags, acknowledged } = setUp();
  add();
  clock.advance(24);
  expect([tags(), acknowledged]).toEqual([[], []]);
  clock.advance(1);
  expect([tags(), acknowledged]).toEqual([[[1]], [1]]);
});

test('the wait is counted from the first message, however many follow', () => {
  const { clock, add, tags } = setUp();
  for (let i = 0; i < 5; i += 1) {
    add();
    clock.advance(5);
  }
  expect(tags()).toEqual([[1, 2, 3, 4, 5]]);
});

test('a message without tasks is acknowledged as any other', () => {
  const { clock, add, acknowledged } = setUp();
  add([]);
  clock.advance(25);
  expect(acknowledged).toEqual([1]);
});

test('while many come, a task that begins and ends within the window is written once, with all its events', () => {
  const { add, come, of, clock } = setUp();
  come(BUSY_PER_MS, 60);
  add(['task', 'other']);
  come(BUSY_PER_MS, windowMs / 2);
  add(['task']);
  come(BUSY_PER_MS, windowMs / 2 - 10);
  add(['task']);
  expect(of('task').every((count) => count === 0)).toBe(true);
  come(BUSY_PER_MS, periodMs + 10);
  expect(of('task').filter((count) => count > 0)).toEqual([3]);
  clock.advance(windowMs);
  expect(of('task').filter((count) => count > 0)).toEqual([3]);
});

test('while many come, nothing waits for longer than the window and a period', () => {
  const { clock, disk, come, batches } = setUp();
  const cameAt: number[] = [];
  const lateMs: number[] = [];
  let seen = 0;
  for (let ms = 0; ms < 3 * windowMs; ms += 1) {
    for (let i = 0; i < BUSY_PER_MS; i += 1) cameAt.push(clock.now());
    come(BUSY_PER_MS, 1);
    for (; seen < disk.writes.length; seen += 1) {
      for (const { tag } of disk.writes[seen] ?? []) lateMs.push(clock.now() - (cameAt[tag - 1] ?? 0));
    }
  }
  expect(Math.max(...lateMs)).toBeLessThanOrEqual(windowMs + periodMs + 1);
  expect(Math.max(...lateMs)).toBeGreaterThan(windowMs);
  expect(batches.pending.messages).toBeLessThanOrEqual(BUSY_PER_MS * (windowMs + periodMs));
});

test('when fewer come again, everything is written by the next look, and then after 25 ms as before', () => {
  const { clock, add, come, batches, tags } = setUp();
  come(BUSY_PER_MS, 300);
  expect(batches.pending.messages).toBe(300 * BUSY_PER_MS);
  come(1, periodMs);
  come(0, waitMs);
  expect(batches.pending).toEqual({ messages: 0, changes: 0 });
  const before = tags().length;
  add();
  clock.advance(waitMs);
  expect(tags().length).toBe(before + 1);
});

test('what is acknowledged ends before the first message that a waiting task has an event in', () => {
  const { acknowledged, add, come, of } = setUp();
  come(BUSY_PER_MS, 40);
  add(['early', 'late-in-the-same-message']);
  const first = 40 * BUSY_PER_MS + 1;
  while (of('early').every((count) => count === 0)) {
    expect(acknowledged.at(-1) ?? 0).toBeLessThan(first);
    come(BUSY_PER_MS, 1);
  }
  expect(acknowledged.at(-1)).toBeGreaterThanOrEqual(first);
});

test('what was written ahead is not pending, and not acknowledged until all before it is stored', () => {
  const { add, batches, acknowledged, come, of } = setUp();
  add(['task']);
  come(BUSY_PER_MS, windowMs - 50);
  add(['task', 'young']);
  const tag = 2 + (windowMs - 50) * BUSY_PER_MS;
  while (of('task').every((count) => count === 0)) come(BUSY_PER_MS, 1);
  expect(of('task').at(-1)).toBe(2);
  expect(acknowledged.at(-1)).toBeLessThan(tag);
  expect(batches.pending.messages).toBe(batches.pending.changes);
});

test('never more than the bound is pending, and the oldest part is written and acknowledged when it is reached', () => {
  const { add, batches, acknowledged, tags, held } = setUp();
  for (let i = 1; i < BATCH_LIMITS.messages; i += 1) add();
  expect([acknowledged, batches.pending.messages]).toEqual([[], BATCH_LIMITS.messages - 1]);
  add();
  expect(acknowledged).toEqual([BATCH_LIMITS.slice]);
  expect(tags().at(-1)).toHaveLength(BATCH_LIMITS.slice);
  for (let i = 0; i < 30_000; i += 1) add();
  expect(held.messages).toBeLessThan(BATCH_LIMITS.messages);
  expect(batches.pending.messages).toBeLessThan(BATCH_LIMITS.messages);
});

test('never more bytes than the bound are pending, though one message may hold all of them', () => {
  const { add, batches } = setUp();
  for (let i = 0; i < 10; i += 1) {
    add(null, BATCH_LIMITS.bytes / 10 - 1);
    expect(batches.pending.messages).toBe(i + 1);
  }
  add(null, 10);
  expect(batches.pending.messages).toBe(0);
  for (let i = 0; i < 5_000; i += 1) add(null, 100);
  add(null, BATCH_LIMITS.bytes);
  expect(batches.pending.messages).toBe(0);
});

test('with a full prefetch something is acknowledged before the broker has to stop, if all are of one task too', () => {
  const { add, acknowledged } = setUp();
  expect(PREFETCH).toBeGreaterThan(BATCH_LIMITS.messages);
  for (let i = 0; i < BATCH_LIMITS.messages; i += 1) add(['one']);
  expect(acknowledged).toEqual([BATCH_LIMITS.messages]);
});

test('while writing fails nothing is acknowledged, everything is kept, and it is told; then all of it is written', () => {
  const { clock, add, disk, tags, acknowledged, states, batches } = setUp();
  disk.failure = FULL;
  add();
  clock.advance(25);
  add();
  clock.advance(10_000);
  expect([acknowledged, tags(), batches.pending, batches.failing]).toEqual([[], [], { messages: 2, changes: 2 }, true]);
  expect(new Set(states)).toEqual(new Set(['the disk is full']));
  disk.failure = null;
  clock.advance(15_000);
  expect([tags(), acknowledged, batches.failing]).toEqual([[[1, 2]], [2], false]);
  expect(states.at(-1)).toBeNull();
});

test('a full disk is tried again after 0.5 s, then ever more rarely, never by each message', () => {
  const { clock, add, disk, states } = setUp();
  disk.failure = FULL;
  add();
  clock.advance(25);
  const before = states.length;
  for (let i = 0; i < PREFETCH; i += 1) add();
  expect(states.length).toBe(before);
  clock.advance(60_000);
  expect(states.length).toBeLessThanOrEqual(before + 9);
  expect(states.length).toBeGreaterThanOrEqual(before + 6);
});

test('when the link is lost, what can be written is written, and what cannot is let go to come again', () => {
  const { clock, add, disk, batches, tags } = setUp();
  add();
  batches.lost();
  expect(tags()).toEqual([[1]]);
  disk.failure = FULL;
  add();
  batches.lost();
  expect([batches.pending.messages, batches.failing]).toEqual([0, true]);
  disk.failure = null;
  add();
  clock.advance(15_000);
  expect([tags().at(-1), batches.failing]).toEqual([[3], false]);
});

const STEP = fc.record({
  /** Messages that come, and how many tasks each speaks of. */
  come: fc.constantFrom(0, 1, 30, 200, 700),
  tasks: fc.integer({ min: 0, max: 3 }),
  forMs: fc.constantFrom(0, 3, 25, 60, 100, 600),
  next: fc.constantFrom('nothing', 'nothing', 'nothing', 'fail', 'mend', 'cut'),
});

test('whatever comes, fails and is cut: only what is stored is acknowledged, in order, and in the end all of it is', () => {
  const run = fc.property(fc.array(STEP, { maxLength: 40 }), fc.integer({ min: 1, max: 1_000 }), (steps, spread) => {
    const clock = manualClock();
    /** The queue, of which acknowledged messages are gone; `given` of it are on the link. */
    const queue: { number: number; ids: string[]; times: number }[] = [];
    const stored = new Map<string, number>();
    const orderOf = new Map<string, number>();
    let [published, given, tag, acknowledgedTag] = [0, 0, 0, 0];
    let [isFull, isCut] = [false, false];
    let deliveries = 0;
    type Event = { id: string; key: string; place: number };
    const batches = createBatches<Message, Event>({
      ...{ clock, random: () => 0, onState: () => undefined },
      write({ changes }) {
        if (isFull) throw FULL;
        for (const { id, key, place } of changes) {
          expect(place).toBeGreaterThan(orderOf.get(id) ?? -1);
          orderOf.set(id, place);
          stored.set(key, (stored.get(key) ?? 0) + 1);
        }
      },
      acknowledge(last) {
        // The link is gone: the broker does not hear it.
        if (isCut) return;
        expect(last.tag).toBeGreaterThan(acknowledgedTag);
        const done = queue.splice(0, last.tag - acknowledgedTag);
        given -= done.length;
        acknowledgedTag = last.tag;
        for (const { number, ids, times } of done) {
          for (const id of ids) {
            const count = stored.get(`${number} ${id}`);
            if (times === 1) expect(count).toBe(1);
            else expect(count).toBeGreaterThanOrEqual(1);
          }
        }
      },
    });
    const deliver = () => {
      while (given < Math.min(queue.length, PREFETCH)) {
        const message = queue[given];
        if (message === undefined) return;
        given += 1;
        tag += 1;
        message.times += 1;
        const changes = message.ids.map((id) => {
          deliveries += 1;
          return { id, key: `${message.number} ${id}`, place: deliveries };
        });
        batches.add({ tag, bytes: 100, cameAt: clock.now() }, changes);
      }
    };
    const cut = () => {
      isCut = true;
      batches.lost();
      isCut = false;
      expect(batches.pending).toEqual({ messages: 0, changes: 0 });
      [given, acknowledgedTag] = [0, tag];
    };
    for (const { come, tasks, forMs, next } of steps) {
      for (let i = 0; i < come; i += 1) {
        published += 1;
        const ids = Array.from({ length: tasks }, (_, n) => `t${(published * 7 + n * 31 + i) % (spread + n)}`);
        queue.push({ number: published, ids: [...new Set(ids)], times: 0 });
      }
      deliver();
      clock.advance(forMs);
      deliver();
      if (next === 'fail') isFull = true;
      else if (next === 'mend') isFull = false;
      else if (next === 'cut') cut();
    }
    isFull = false;
    for (let i = 0; i < 40; i += 1) {
      deliver();
      clock.advance(1_000);
    }
    expect([queue.length, batches.pending]).toEqual([0, { messages: 0, changes: 0 }]);
  });
  fc.assert(run, { seed: 20_261_122, numRuns: 60 });
});
