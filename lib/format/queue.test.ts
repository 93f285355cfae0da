import { expect, test } from 'vitest';
import type { Replication } from '#lib/model/rabbitmq.ts';
import { copiesText, queueKind, queueTitle, resyncText } from './queue.ts';

const upper = (id: string) => id.toUpperCase();

function replication(inSync: string[] | null): { replication: Replication } {
  return { replication: { kind: 'mirrors', leader: 'a', members: ['a', 'b', 'c'], inSync, wanted: 3 } };
}

test('copies that are missing are named, and an untold sync state is said as such', () => {
  expect(copiesText(replication(['a']), upper)).toBe('1 of 3, not B, C');
  expect(copiesText(replication(['a', 'b', 'c']), upper)).toBe('3 of 3');
  expect(copiesText(replication(null), upper)).toBe('cannot tell');
});

test('a mirror that RabbitMQ took off the list because its node is gone is still missing', () => {
  const { replication: whole } = replication(['a', 'b']);
  expect(copiesText({ replication: { ...whole, members: ['a', 'b'] } }, upper)).toBe('2 of 3');
});

test('queues of the same name in two vhosts have different titles', () => {
  expect(queueTitle({ vhost: '/', name: 'celery' })).toBe('celery');
  expect(queueTitle({ vhost: 'prod', name: 'celery' })).toBe('celery (prod)');
});

test('a queue without replication is called by its type', () => {
  const alone: Replication = { kind: 'none', leader: 'a', members: ['a'], inSync: ['a'], wanted: 1 };
  expect(queueKind({ type: 'classic', replication: alone })).toBe('classic');
  expect(queueKind({ type: 'classic', ...replication(null) })).toBe('classic mirrored');
});

test('resync progress has a total only where the figures are told, and is nothing while no copy resyncs', () => {
  expect(resyncText({ syncMessages: 12, ready: 30, unacknowledged: 10 })).toBe('12 of 40 messages');
  expect(resyncText({ syncMessages: 12, ready: null, unacknowledged: null })).toBe('12 messages');
  expect(resyncText({ syncMessages: null, ready: 30, unacknowledged: 10 })).toBeNull();
});
