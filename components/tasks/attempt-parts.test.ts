import { expect, test } from 'vitest';
import type { Attempt } from '#lib/format/task-attempts.ts';
import { partsOf } from './attempt-parts.ts';

const attempt = (rest: Partial<Attempt>): Attempt => ({
  ...{
    reason: 'first',
    worker: null,
    retries: 0,
    sentAt: 100,
    receivedAt: 110,
    startedAt: 130,
    endedAt: 200,
    end: 'failed',
  },
  ...rest,
});
const WINDOW = { from: 90, to: 1_000 };
const durations = (one: Attempt, until = 1_000) =>
  Object.fromEntries(partsOf(one, WINDOW, until).map(({ id, durationMs }) => [id, durationMs]));

test('an attempt is the time before it, in the queue, at the worker, and running', () => {
  expect(durations(attempt({}))).toEqual({ idle: 10, queued: 10, reserved: 20, ran: 70 });
});

test('what was not told is left out', () => {
  expect(durations(attempt({ sentAt: null, startedAt: null, endedAt: null }), 150)).toEqual({ idle: 20, reserved: 40 });
});

test('one without an end lasts until now, and never beyond the window', () => {
  expect(durations(attempt({ endedAt: null }), 500).ran).toBe(370);
  expect(durations(attempt({ endedAt: null }), 5_000).ran).toBe(870);
});

test('clocks that disagree make no negative time', () => {
  expect(durations(attempt({ receivedAt: 95 })).queued).toBe(0);
});
