import { describe, expect, test } from 'vitest';
import { type DrainLook, type DrainOrder, drainStep, startDrain } from './drain.ts';

const THERE = { gone: false, text: 'its heartbeat is 1 s old' };
const GONE = { gone: true, text: 'it said good-bye' };
const EMPTY = { presence: THERE, queues: [], active: 0, reserved: 0, scheduled: 0 };
const SILENT = { presence: THERE, queues: null, active: null, reserved: null, scheduled: null };

/** The orders after these looks, a second apart; the deadline is after 100 s. */
function ordersOf(...looks: readonly Partial<DrainLook>[]): DrainOrder[] {
  let state = startDrain('celery@a', 100_000);
  return looks.map((seen, i) => {
    const next = drainStep(state, { at: i * 1_000, ...EMPTY, ...seen });
    state = next.state;
    return next.order;
  });
}
const verbsOf = (...looks: readonly Partial<DrainLook>[]) => ordersOf(...looks).map((order) => order.do);

test('a worker with consumers loses them before anything else', () => {
  expect(ordersOf({ queues: ['celery', 'mail'] })).toEqual([{ do: 'cancel', queues: ['celery', 'mail'] }]);
});

describe('shut down is ordered only after it was empty twice in a row, without consumers', () => {
  test.each<[string, Partial<DrainLook>[], string[]]>([
    ['empty twice', [{}, {}], ['look', 'shutdown']],
    ['a running task in between', [{}, { active: 1 }, {}, {}], ['look', 'look', 'look', 'shutdown']],
    ['a reserved one', [{}, { reserved: 1 }, {}], ['look', 'look', 'look']],
    ['one that waits for its time', [{}, { scheduled: 1 }, {}], ['look', 'look', 'look']],
    ['no answer in between', [{}, SILENT, {}, {}], ['look', 'look', 'look', 'shutdown']],
    ['half an answer', [{}, { reserved: null }, {}], ['look', 'look', 'look']],
    ['a consumer that came back', [{}, { queues: ['celery'] }, {}, {}], ['look', 'cancel', 'look', 'shutdown']],
    ['never an answer', [SILENT, SILENT, SILENT], ['look', 'look', 'look']],
  ])('%s', (_, looks, verbs) => expect(verbsOf(...looks)).toEqual(verbs));
});

describe('how it ends', () => {
  test('gone after it was told: verified', () => {
    expect(ordersOf({}, {}, SILENT, { presence: GONE }).at(-1)).toMatchObject({
      do: 'end',
      stage: 'verified',
      offers: [],
    });
  });

  test('gone before it was told: not by the drain, with what it held', () => {
    const [, end] = ordersOf({ active: 2, reserved: 1 }, { ...SILENT, presence: GONE });
    expect(end).toMatchObject({ do: 'end', stage: 'not-verified' });
    expect(end).toHaveProperty('evidence', expect.stringContaining('went away by itself'));
    expect(end).toHaveProperty('evidence', expect.stringContaining('2 running and 1 reserved'));
  });

  test('told and still there after a minute: not verified', () => {
    const looks = [{ queues: ['celery'] }, {}, {}, SILENT, { ...SILENT, at: 62_001 }];
    expect(ordersOf(...looks).at(-1)).toMatchObject({
      ...{ do: 'end', stage: 'not-verified' },
      offers: [{ method: 'add_consumer', worker: 'celery@a', queue: 'celery' }],
    });
  });

  test('the time is over: what it still holds, and how to undo the rest', () => {
    const end = ordersOf({ queues: ['celery'] }, { active: 1, at: 100_000 }).at(-1);
    expect(end).toMatchObject({ do: 'end', stage: 'not-verified' });
    expect(end).toHaveProperty('evidence', expect.stringMatching(/still held 1 running.*celery stay cancelled/));
  });

  test('the time is over and nothing was cancelled: nothing to undo', () => {
    const [end] = ordersOf({ ...SILENT, at: 100_000 });
    expect(end).toMatchObject({ offers: [], evidence: expect.stringContaining('No consumer was cancelled') });
  });
});
