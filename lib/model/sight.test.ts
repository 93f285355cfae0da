import { expect, test } from 'vitest';
import type { BrokerNode } from './rabbitmq.ts';
import type { Reading } from './reading.ts';
import { sightOf } from './sight.ts';

const NOW = 100_000;

function node(id: string, running: Record<string, boolean>): BrokerNode {
  return {
    ...{ id, host: null, address: null, own: [id], partitions: [], beingDrained: null, memoryAlarm: null },
    running: Object.entries(running).map(([by, value]) => ({ by, value })),
    ...{ diskAlarm: null, memoryUsedBytes: null, memoryLimitBytes: null, version: null, resourcesBy: null },
    ...{ amqp: null, critical: null },
  };
}

function readings(...keys: string[]): { readings: Record<string, Reading> } {
  const reading = (key: string): Reading => ({
    ...{ key, source: 'rabbitmq', endpoint: key, name: 'nodes', intervalMs: 1_000, at: NOW },
    ...{ tookMs: 1, via: null, lacks: null, failure: null },
  });
  return { readings: Object.fromEntries(keys.map((key) => [key, reading(key)])) };
}

test('one against two: only the one that stands alone is disputed', () => {
  const target = node('c', { a: true, b: true, c: false });
  const model = readings('a', 'b', 'c');
  const seen = ['a', 'c'].map((id) => sightOf(node(id, {}), target, model, NOW));
  expect(seen).toEqual([
    { says: 'running', last: null, disputed: false },
    { says: 'down', last: null, disputed: true },
  ]);
});

test('one against one: both are disputed', () => {
  const target = node('c', { a: true, b: false });
  const model = readings('a', 'b');
  expect(['a', 'b'].map((id) => sightOf(node(id, {}), target, model, NOW).disputed)).toEqual([true, true]);
});

test('an observer whose reading is not current says nothing now, and what it said last is kept apart', () => {
  const target = node('c', { a: true, b: false });
  const seen = sightOf(node('a', {}), target, readings('b'), NOW);
  expect(seen).toEqual({ says: 'silent', last: true, disputed: false });
  expect(sightOf(node('b', {}), target, readings('b'), NOW).disputed).toBe(false);
});

test('an observer that answers without naming the target does not list it', () => {
  expect(sightOf(node('a', {}), node('c', {}), readings('a'), NOW).says).toBe('unlisted');
});
