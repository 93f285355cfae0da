import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskEvent } from '#lib/model/task.ts';
import { attemptsOf } from './task-attempts.ts';

const event = (type: TaskEvent['type'], at: number, rest: Partial<TaskEvent> = {}): TaskEvent => ({
  ...{ type, at, by: 'celery@host-1', pid: 11, note: null, retries: null },
  ...rest,
});
const sent = (at: number, retries = 0) => event('sent', at, { by: 'gen9@app', pid: 9, retries });
const received = (at: number, retries = 0, by = 'celery@host-1', pid = 11) =>
  event('received', at, { by, pid, retries });

/** As Celery 5.6 sent them for a task that retries once and fails; the retry is received before its cause is told. */
const RETRIED = [
  ...[sent(113), received(119), event('started', 131), received(171, 1)],
  ...[event('sent', 172, { retries: 1 }), event('retried', 184), event('started', 1_154), event('failed', 1_163)],
];

test('a task that went straight through has one attempt with all its times', () => {
  const events = [sent(1), received(2), event('started', 3), event('succeeded', 9)];
  expect(attemptsOf(events)).toEqual([
    {
      ...{ reason: 'first', worker: 'celery@host-1', retries: 0 },
      ...{ sentAt: 1, receivedAt: 2, startedAt: 3, endedAt: 9, end: 'succeeded' },
    },
  ]);
});

test('a retry is an attempt of its own, although it was received before its cause was told', () => {
  expect(attemptsOf(RETRIED)).toMatchObject([
    { reason: 'first', sentAt: 113, receivedAt: 119, startedAt: 131, endedAt: 184, end: 'retried' },
    { reason: 'retry', sentAt: 172, receivedAt: 171, startedAt: 1_154, endedAt: 1_163, end: 'failed' },
  ]);
});

test('a delivery to another worker with as many retries is a redelivery; the one before it has no end', () => {
  const events = [
    ...[sent(1), received(2), event('started', 3), received(60, 0, 'celery@host-2', 22)],
    ...[
      event('started', 61, { by: 'celery@host-2', pid: 22 }),
      event('succeeded', 70, { by: 'celery@host-2', pid: 22 }),
    ],
  ];
  expect(attemptsOf(events)).toMatchObject([
    { reason: 'first', worker: 'celery@host-1', startedAt: 3, end: null },
    { reason: 'redelivery', worker: 'celery@host-2', sentAt: null, receivedAt: 60, startedAt: 61, end: 'succeeded' },
  ]);
});

test('a worker that was started anew is told from its earlier process', () => {
  const anew = { pid: 12 };
  const events = [sent(1), received(2), received(60, 0, 'celery@host-1', 12), event('started', 61, anew)];
  expect(attemptsOf(events)).toMatchObject([{ startedAt: null }, { reason: 'redelivery', startedAt: 61 }]);
});

test('a start that comes before its delivery, as within one batch, belongs to it', () => {
  expect(attemptsOf([event('started', 3), received(4)])).toMatchObject([{ receivedAt: 4, startedAt: 3 }]);
});

test('what Trellis found itself ends the last attempt', () => {
  const orphaned = event('orphaned', 90, { by: null, pid: null });
  expect(attemptsOf([sent(1), received(2), event('started', 3), orphaned])).toMatchObject([
    { end: 'orphaned', endedAt: 90, worker: 'celery@host-1' },
  ]);
});

test('a task of which only its end is known has one attempt', () => {
  expect(attemptsOf([event('succeeded', 9)])).toMatchObject([{ reason: 'first', end: 'succeeded', startedAt: null }]);
  expect(attemptsOf([])).toEqual([]);
});

test('the order of the events changes nothing', () => {
  const permuted = fc.shuffledSubarray(RETRIED, { minLength: RETRIED.length });
  fc.assert(
    fc.property(permuted, (events) => {
      expect(attemptsOf(events)).toEqual(attemptsOf(RETRIED));
    }),
    { seed: 7, numRuns: 200 },
  );
});
