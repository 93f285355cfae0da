import { expect, test } from 'vitest';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { clockLeadMs, presenceOf, workersThere } from './worker-presence.ts';

const A = 'celery@a';
const NOW = 100_000;

type Told = Partial<Model['celeryWorkers'][string]>;

function modelOf(told: Told | null, goneSince: number | null | undefined = undefined): Model {
  const worker = {
    ...{
      id: A,
      host: null,
      heartbeatAt: NOW - 1_000,
      heartbeatEveryMs: 2_000,
      state: 'online' as const,
      since: 0,
      pid: 7,
    },
    ...{ active: 0, processed: 0, loadAverage: null, software: null, system: null, clockSkewMs: null },
    ...{ sendsTaskEvents: true, missedTasks: 0, by: '', ...told },
  };
  const seen = { id: A, host: null, queues: [], brokerNodes: [], by: '', goneSince: goneSince ?? null };
  return {
    ...emptyModel(),
    celeryWorkers: told === null ? {} : { [A]: worker },
    workers: goneSince === undefined ? {} : { [A]: seen },
  };
}

const isGone = (told: Told | null, goneSince?: number | null) =>
  presenceOf(modelOf(told, goneSince), { worker: A, pid: 7, since: 50_000 }, NOW).gone;

test.each<[string, Told | null, number | null | undefined, boolean]>([
  ['it said good-bye, and its connections are gone', { state: 'offline', since: 60_000 }, 61_000, true],
  ['it said good-bye, and the broker does not tell', { state: 'offline', since: 60_000 }, undefined, true],
  ['it said good-bye, and is still connected', { state: 'offline', since: 60_000 }, null, false],
  ['it said good-bye a moment ago, and may still be ending', { state: 'offline', since: NOW - 500 }, NOW, false],
  ['it had said good-bye before it was told', { state: 'offline', since: 40_000 }, null, false],
  ['silent, and its connections are gone', { state: 'silent' }, 60_000, true],
  ['silent alone may be a pause', { state: 'silent' }, null, false],
  ['connections gone alone may be a failover of the broker', {}, 60_000, false],
  ['another process has its name', { pid: 8 }, null, true],
  ['another process of long ago', { pid: 8, heartbeatAt: 40_000 }, null, false],
  ['no events, connections gone', null, 60_000, true],
  ['no events, connected', null, null, false],
  ['nothing is known', null, undefined, false],
])('gone or not: %s', (_, told, goneSince, gone) => expect(isGone(told, goneSince)).toBe(gone));

test('those who should answer are the ones with a heartbeat or with a connection', () => {
  expect(workersThere(modelOf({ state: 'online' }, 1))).toEqual([A]);
  expect(workersThere(modelOf({ state: 'offline' }, null))).toEqual([A]);
  expect(workersThere(modelOf({ state: 'offline' }, 1))).toEqual([]);
});

test('a worker whose clock is ahead gets as much longer, one behind no less', () => {
  expect(clockLeadMs(modelOf({ clockSkewMs: 9_000 }), [A])).toBe(9_000);
  expect(clockLeadMs(modelOf({ clockSkewMs: -9_000 }), null)).toBe(0);
  expect(clockLeadMs(modelOf({ clockSkewMs: null }), ['celery@unknown'])).toBe(0);
});
