import { expect, test } from 'vitest';
import { TASK_STATES } from '#lib/model/task.ts';
import { whyNotRetry, whyNotRevoke, whyNotTerminate } from './pointless.ts';

test('only what waits is revoked, only what has not ended is terminated', () => {
  expect(TASK_STATES.filter((state) => whyNotRevoke(state) === null)).toEqual([
    ...['PENDING', 'RECEIVED', 'RETRY', 'ORPHANED'],
  ]);
  expect(TASK_STATES.filter((state) => whyNotTerminate(state) === null)).toEqual([
    ...['PENDING', 'RECEIVED', 'STARTED', 'RETRY', 'ORPHANED'],
  ]);
});

test('a task that nobody named cannot be run again', () => {
  expect(whyNotRetry(null)).not.toBeNull();
  expect(whyNotRetry('lab.add')).toBeNull();
});
