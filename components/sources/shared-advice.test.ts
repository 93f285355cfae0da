import { expect, test } from 'vitest';
import type { ProbeCode, Reading } from '#lib/model/reading.ts';
import { sharedAdvice } from './shared-advice.ts';

function reading(name: string, code: ProbeCode | null): Reading {
  const failure = code === null ? null : { code, message: code, since: 0 };
  return { source: 'rabbitmq', name, failure } as Reading;
}

test('readings that fail alike share one advice, a single failure keeps its own', () => {
  const advice = sharedAdvice([
    ...[reading('nodes', 'refused'), reading('own', 'refused'), reading('amqp', 'timeout')],
    reading('queues', null),
  ]);
  expect(advice).toEqual([{ code: 'refused', count: 2, fix: expect.stringContaining('Nothing listens there') }]);
});

test('readings that lack different permissions do not share an advice', () => {
  expect(sharedAdvice([reading('amqp', 'forbidden'), reading('nodes', 'forbidden')])).toEqual([]);
});
