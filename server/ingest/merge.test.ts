import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TASK_EVENT_TYPES } from '#lib/model/task.ts';
import { detailOf, mergeTask, type TaskChange, type TaskFields, type TaskRecord, taskOf } from './merge.ts';
import { change, T0, TASK } from './merge-cases.ts';
import { decodeRecord, encodeRecord } from './merge-record.ts';

const SEED = 41_207;
const merged = (...changes: TaskChange[]) => mergeTask(null, changes);
const task = (...changes: TaskChange[]) => taskOf(merged(...changes));

const text = fc.constantFrom('a', 'b', 'c');
const time = fc.integer({ min: 0, max: 9_000 }).map((tenth) => T0 + tenth / 10);
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const fields = fc
  .record({
    ...{ name: optional(text), args: optional(text), kwargs: optional(text), queue: optional(text) },
    ...{ result: optional(text), exception: optional(text), traceback: optional(text), worker: optional(text) },
    ...{ rootId: optional(text), parentId: optional(fc.constantFrom('a', TASK)), groupId: optional(text) },
    ...{ runtimeMs: optional(fc.nat(5)), eta: optional(time), expires: optional(time) },
    canary: optional(fc.boolean()),
  })
  .map((told) => Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)) as TaskFields);

const event = fc.record({
  type: fc.constantFrom(...TASK_EVENT_TYPES),
  at: time,
  by: fc.constantFrom('w1@h1', 'w2@h2', null),
  pid: fc.constantFrom(1, 2, null),
  note: fc.constantFrom('SUCCESS', 'FAILURE', 'RETRY', 'PROGRESS', null),
  retries: fc.constantFrom(0, 1, 2, null),
});

const oneChange: fc.Arbitrary<TaskChange> = fc
  .record({ event, fields, ahead: fc.constantFrom(null, 900_000, 900_001) })
  .map(({ event: one, fields: told, ahead }) =>
    ahead === null
      ? { id: TASK, event: one, fields: told }
      : { id: TASK, event: one, fields: told, toldAt: T0 + ahead },
  );

/** Changes of one task in which times, speakers and values meet often. */
const someChanges = (maxLength: number, minLength = 1): fc.Arbitrary<TaskChange[]> =>
  fc.array(oneChange, { minLength, maxLength, size: 'max' });

/** Merges the changes cut into groups, each stored and read again in between. */
function inGroups(changes: readonly TaskChange[], size: number): TaskRecord {
  let record = mergeTask(null, changes.slice(0, size));
  for (let i = size; i < changes.length; i += size)
    record = mergeTask(decodeRecord(encodeRecord(record)), changes.slice(i, i + size));
  return record;
}

describe('whatever the order', () => {
  test('any order, repetition and grouping of the same events makes the same record', () => {
    const shuffled = someChanges(24).chain((changes) =>
      fc.record({
        changes: fc.constant(changes),
        order: fc.shuffledSubarray([...changes, ...changes], { minLength: changes.length * 2 }),
        size: fc.integer({ min: 1, max: 8 }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ changes, order, size }) => {
        expect(inGroups(order, size)).toEqual(mergeTask(null, changes));
      }),
      { seed: SEED, numRuns: 1_000 },
    );
  });

  test('also of more events than are kept', () => {
    const many = someChanges(400, 100).chain((changes) =>
      fc.record({
        changes: fc.constant(changes),
        order: fc.shuffledSubarray(changes, { minLength: changes.length }),
        size: fc.integer({ min: 1, max: 100 }),
      }),
    );
    fc.assert(
      fc.property(many, ({ changes, order, size }) => {
        const record = inGroups([...order, ...order.slice(0, 50)], size);
        expect(record).toEqual(mergeTask(null, changes));
        expect(record.events.length).toBeLessThanOrEqual(64);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  test('a row of changes one by one is the same as all at once, and what is known gives the same object back', () => {
    fc.assert(
      fc.property(someChanges(40), (changes) => {
        const all = mergeTask(null, changes);
        expect(mergeTask(all, changes)).toBe(all);
        expect(mergeTask(all, [])).toBe(all);
        expect(inGroups(changes, 1)).toEqual(all);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('a record is what it was after it was stored', () => {
    fc.assert(
      fc.property(someChanges(30), (changes) => {
        const record = mergeTask(null, changes);
        expect(decodeRecord(encodeRecord(record))).toEqual(record);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  test('a text that is no record throws an error, never gives half a task', () => {
    const whole = encodeRecord(merged(change('received', 0, { name: 'a' })));
    for (const text of ['', 'null', '{}', '[]', '[1]', whole.slice(0, -1), whole.replace('"a"', '5')])
      expect(() => decodeRecord(text)).toThrow(Error);
    const spoiled = fc.array(fc.nat(whole.length - 1), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(spoiled, (cuts) => {
        let text = whole;
        for (const cut of cuts) text = text.slice(0, cut) + text.slice(cut + 1);
        try {
          detailOf(decodeRecord(text));
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

// Each row in the order in which its events happen; the state is what State of Celery 5.2.6 says after it.
describe('agrees with Celery', () => {
  const r1 = { retries: 1 };
  test.each([
    ['PENDING', [change('sent', 0)]],
    ['RECEIVED', [change('sent', 0), change('received', 1)]],
    ['RECEIVED', [change('received', 1)]],
    ['STARTED', [change('sent', 0), change('received', 1), change('started', 2)]],
    ['STARTED', [change('started', 2)]],
    ['SUCCESS', [change('sent', 0), change('received', 1), change('started', 2), change('succeeded', 3)]],
    ['SUCCESS', [change('succeeded', 3)]],
    ['FAILURE', [change('sent', 0), change('received', 1), change('started', 2), change('failed', 3)]],
    ['FAILURE', [change('received', 1), change('failed', 3)]],
    ['REVOKED', [change('sent', 0), change('received', 1), change('revoked', 3)]],
    ['REVOKED', [change('received', 1), change('started', 2), change('revoked', 3)]],
    ['REJECTED', [change('rejected', 3)]],
    ['RETRY', [change('sent', 0), change('received', 1), change('started', 2), change('retried', 3)]],
    ['RECEIVED', [change('received', 1), change('retried', 3), change('received', 4, {}, r1)]],
    ['STARTED', [change('received', 1), change('retried', 3), change('received', 4, {}, r1), change('started', 5)]],
    ['SUCCESS', [change('received', 1), change('retried', 3), change('received', 4, {}, r1), change('succeeded', 6)]],
    ['FAILURE', [change('received', 1), change('retried', 3), change('received', 4, {}, r1), change('failed', 6)]],
    ['REVOKED', [change('received', 1), change('retried', 3), change('revoked', 5)]],
    ['SUCCESS', [change('failed', 3), change('succeeded', 4)]],
    ['SUCCESS', [change('succeeded', 3), change('failed', 4)]],
    ['FAILURE', [change('revoked', 3), change('failed', 4)]],
    ['FAILURE', [change('failed', 3), change('received', 4), change('started', 5)]],
    ['STARTED', [change('started', 3), change('received', 4)]],
  ] as const)('%s after row %#', (state, changes) => {
    expect(task(...changes).state).toBe(state);
    expect(task(...[...changes].reverse()).state).toBe(state);
  });
});

describe('state', () => {
  test('the next attempt, received before the retry was told, is known by its number', () => {
    const waiting = [
      change('received', 0),
      change('started', 1),
      change('received', 171, { eta: T0 + 1_000 }, { by: 'w2@h1', retries: 1 }),
      change('retried', 184),
    ];
    expect(task(...waiting)).toMatchObject({ state: 'RECEIVED', worker: 'w2@h1', retries: 1, redeliveries: 0 });
  });

  test('a failure that a retry followed is no end', () => {
    const failed = [change('received', 0), change('failed', 2), change('retried', 3)];
    expect(task(...failed).state).toBe('RETRY');
    expect(task(...failed, change('received', 4, {}, { retries: 1 }))).toMatchObject({
      state: 'RECEIVED',
      endedBy: null,
    });
  });

  test('a success is final, a retry told after it changes nothing', () => {
    expect(task(change('succeeded', 3), change('retried', 4)).state).toBe('SUCCESS');
  });

  test('rejected and not received again has ended, received again it has not', () => {
    const rejected = [change('received', 1), change('started', 2), change('rejected', 3)];
    expect(task(...rejected)).toMatchObject({ state: 'REJECTED', finishedAt: T0 + 3, endedBy: 'events' });
    expect(task(...rejected, change('received', 4, {}, { by: 'w2@h2' }))).toMatchObject({
      state: 'RECEIVED',
      worker: 'w2@h2',
      finishedAt: null,
      redeliveries: 1,
    });
  });

  test('cancelled by a worker that lost its broker waits to run again', () => {
    expect(task(change('started', 2), change('cancelled', 3)).state).toBe('RETRY');
  });

  test('a custom event tells no state', () => {
    expect(task(change('custom', 2, {}, { note: 'task-progress' }))).toMatchObject({ state: 'PENDING', worker: null });
  });

  test('orphaned until anything later is heard of it, or its end is found', () => {
    const lost = [change('received', 1), change('started', 2), change('orphaned', 60, {}, { note: 'w1 is silent' })];
    expect(task(...lost)).toMatchObject({ state: 'ORPHANED', worker: 'w1@h1', endedBy: null, finishedAt: null });
    expect(task(...lost, change('received', 61, {}, { by: 'w2@h2' }))).toMatchObject({
      state: 'STARTED',
      worker: 'w2@h2',
    });
    expect(task(...lost, change('succeeded', 30))).toMatchObject({ state: 'SUCCESS', endedBy: 'events' });
    expect(task(...lost, change('result', 61, {}, { note: 'STARTED' })).state).toBe('ORPHANED');
    const stored = change('result', 30, { result: '4' }, { note: 'SUCCESS' });
    expect(task(...lost, stored)).toMatchObject({
      state: 'SUCCESS',
      endedBy: 'result store',
      finishedAt: T0 + 30,
      worker: 'w1@h1',
      result: '4',
    });
  });

  test('an end that both told is the events', () => {
    const both = [change('failed', 3), change('result', 3.5, {}, { note: 'FAILURE' })];
    expect(task(...both)).toMatchObject({ state: 'FAILURE', endedBy: 'events', finishedAt: T0 + 3 });
  });

  test('a stored retry or start is believed where events tell less', () => {
    expect(task(change('sent', 0), change('result', 1, {}, { note: 'RETRY' })).state).toBe('RETRY');
    expect(task(change('sent', 0), change('result', 1, {}, { note: 'STARTED' })).state).toBe('STARTED');
    expect(task(change('sent', 0), change('result', 1, {}, { note: 'PENDING' })).state).toBe('PENDING');
  });
});

describe('fields', () => {
  test('what the worker received counts before what was sent, the newest attempt before an earlier', () => {
    const sent = change('sent', 5, { name: 'sent', args: '(1,)', queue: 'q' });
    const received = change('received', 1, { name: 'received', args: '(2,)' });
    expect(task(received, sent)).toMatchObject({ name: 'received', args: '(2,)', queue: 'q' });
    const again = change('sent', 6, { args: '(3,)' }, { retries: 1 });
    expect(task(again, received, sent)).toMatchObject({ name: 'received', args: '(3,)' });
  });

  test('a retry keeps the parent that the first attempt told, and is never its own', () => {
    const first = change('received', 1, { parentId: 'p', rootId: 'r' });
    const retry = change('received', 9, { parentId: TASK, rootId: TASK }, { retries: 1 });
    expect(task(retry, first)).toMatchObject({ parentId: 'p', rootId: 'r' });
    expect(task(retry)).toMatchObject({ parentId: null, rootId: TASK });
  });

  test('the newest outcome counts; a success shows no exception of an earlier attempt', () => {
    const fails = [change('failed', 4, { exception: 'B', traceback: 'tb' }), change('retried', 2, { exception: 'A' })];
    expect(task(...fails).exception).toBe('B');
    const done = merged(...fails, change('succeeded', 9, { result: '1', runtimeMs: 5 }));
    expect(detailOf(done)).toMatchObject({ exception: null, traceback: null, result: '1', runtimeMs: 5 });
  });

  test('times are the first ones, the wait begins with the eta of the first attempt', () => {
    const sent = change('sent', 0, { eta: T0 + 1_000 });
    const received = change('received', 10, { eta: T0 + 1_000 });
    const retry = change('received', 3_000, { eta: T0 + 9_000 }, { retries: 1 });
    expect(task(retry, received, change('started', 1_500), sent, change('started', 9_100))).toMatchObject({
      ...{ at: T0, sentAt: T0, receivedAt: T0 + 10, startedAt: T0 + 1_500, waitMs: 500, eta: T0 + 9_000 },
    });
    expect(task(sent, change('started', 1_500))).toMatchObject({ waitMs: 500, receivedAt: null });
    expect(task(change('started', 5)).waitMs).toBeNull();
    expect(task(sent, change('started', 1_500), change('sent', 9, {}, { retries: 1 })).eta).toBeNull();
  });

  test('a clock behind the publisher makes no negative wait', () => {
    expect(task(change('sent', 100), change('started', 50)).waitMs).toBe(0);
  });

  test('where it stands in lists: sent, else received, else started, else ended', () => {
    expect(task(change('succeeded', 3)).at).toBe(T0 + 3);
    expect(task(change('started', 9), change('succeeded', 3)).at).toBe(T0 + 9);
    expect(task(change('custom', 7, {}, { note: 'task-x' })).at).toBe(T0 + 7);
  });
});

describe('retries and redeliveries', () => {
  const received = (ms: number, retries: number | null, by = 'w1@h1') => change('received', ms, {}, { retries, by });

  test.each([
    [0, 0, [received(1, 0)]],
    [0, 1, [received(1, 0), received(5, 0, 'w2@h2')]],
    [1, 0, [received(1, 0), change('retried', 3), received(5, 1)]],
    [2, 0, [received(1, 0), received(5, 2)]],
    [2, 1, [received(1, 0), received(5, 2), received(6, 2, 'w2@h2')]],
    [1, 0, [received(1, null), change('retried', 3), received(5, null)]],
    [0, 1, [received(1, null), received(5, null)]],
    [
      2,
      1,
      [received(1, 0), received(2, 0), change('retried', 3), change('retried', 4), received(5, 1), received(6, 1)],
    ],
    [3, 0, [change('sent', 0, {}, { retries: 3 })]],
  ])('%i retries and %i redeliveries in row %#', (retries, redeliveries, changes) => {
    expect(task(...changes)).toMatchObject({ retries, redeliveries });
  });
});

describe('what is kept', () => {
  test('a flood of progress events pushes no event of the worker out', () => {
    const flood = Array.from({ length: 5_000 }, (_, i) => change('custom', 10 + i, {}, { note: `task-p${i % 7}` }));
    const record = merged(change('received', 5), change('started', 2_000), change('succeeded', 6_000), ...flood);
    expect(record.events).toHaveLength(11);
    expect(taskOf(record)).toMatchObject({ state: 'SUCCESS', startedAt: T0 + 2_000 });
  });

  test('a long row of retries keeps its first and its last attempts', () => {
    const row = Array.from({ length: 200 }, (_, i) => [
      change('received', i * 10, {}, { retries: i }),
      change('started', i * 10 + 1),
      change('retried', i * 10 + 2),
    ]).flat();
    const record = merged(...row);
    expect(record.events).toHaveLength(30);
    expect(taskOf(record)).toMatchObject({ state: 'RETRY', retries: 199, redeliveries: 0, receivedAt: T0 });
  });

  test('an event that was set back is the same event when it comes again later', () => {
    const ahead = { ...change('started', 0, {}, { at: T0 + 50 }), toldAt: T0 + 3_600_000 };
    const again = { ...ahead, event: { ...ahead.event, at: T0 + 90 } };
    const detail = detailOf(merged(again, ahead));
    expect(detail.events).toEqual([{ ...ahead.event, at: T0 + 50 }]);
    expect(detail.startedAt).toBe(T0 + 50);
  });
});
