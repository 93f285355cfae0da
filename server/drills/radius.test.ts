/** What a plan says that it touches: what the forecast tells, and what a drill does that is no loss. */
import { expect, test } from 'vitest';
import { DRILL_IDS, type DrillId } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { changed, RABBIT_1, RABBIT_2, replicated } from '#server/sources/told-estate.ts';
import { DRILLS } from './catalog/all.ts';
import { forecasts, sceneOf, servers, whole, workersLeft } from './guard-fixture.ts';
import { planOf } from './plan.ts';

function radius(drill: DrillId, target: string | null, model: Model = whole): readonly string[] {
  return planOf(DRILLS[drill], target, sceneOf(model), { off: null, active: null, endedAt: null }).plan.radius;
}

const unconnected: Model = {
  ...whole,
  workers: Object.fromEntries(Object.entries(whole.workers).map(([id, one]) => [id, { ...one, brokerNodes: [] }])),
};

/** The proxies count so many sessions of each server. */
const counted = (sessions: number | null, model = whole) =>
  ['haproxy-1', 'haproxy-2', 'haproxy-3'].reduce(
    (one, proxy) => servers(one, proxy, 'amqp', () => ({ sessions: proxy === 'haproxy-3' ? sessions : 2 })),
    model,
  );

test('every drill of the catalog says what it touches', () => {
  for (const id of DRILL_IDS)
    expect([id, radius(id, null, forecasts(whole))]).toEqual([id, expect.arrayContaining([expect.any(String)])]);
});

test('a loss that was not forecast yet is called so', () => {
  expect(radius('broker-crash', RABBIT_1)).toEqual(['What losing rabbit-1 would cost was not forecast yet.']);
});

test('connections-drop names the workers of the node, and counts its sessions where every proxy tells them', () => {
  const [all, workers, among] = radius('connections-drop', RABBIT_1, counted(3));
  expect(all).toBe('Every client of rabbit-1 is cut: workers, beats, applications.');
  expect(workers).toBe('Workers connected to rabbit-1 now: celery@host-3.');
  expect(among).toBe('Among them: 7 sessions through haproxy-1, haproxy-2 and haproxy-3.');
  const told = radius('connections-drop', RABBIT_1, counted(null, unconnected));
  expect(told).toContain('No worker is connected to rabbit-1 now.');
  expect(told).toContain('Among them: every session through haproxy-1, haproxy-2 and haproxy-3.');
  expect(radius('connections-drop', RABBIT_1, { ...whole, proxies: {} })).toHaveLength(2);
  expect(radius('connections-drop', RABBIT_1, workersLeft([]))).toContain('No worker is connected to rabbit-1 now.');
});

test('broker-switch says whose sessions it ends and where they go', () => {
  expect(radius('broker-switch', RABBIT_1, counted(3))).toEqual([
    'It ends 7 sessions through haproxy-1, haproxy-2 and haproxy-3; who was there comes back to rabbit-2 or rabbit-3.',
    'Workers connected to rabbit-1 now: celery@host-3.',
  ]);
});

test('queue-leader-move says who waits, what comes again and what is copied', () => {
  expect(radius('queue-leader-move', '/:celery', changed(whole, 'queues', '/:celery', { consumers: 3 }))).toEqual([
    'celery gives its 3 consumers nothing while its leader moves.',
    'What workers hold unacknowledged comes again: 2 tasks.',
    'Then the other nodes copy its messages (12).',
  ]);
  const untold = { consumers: null, ready: null, unacknowledged: null };
  expect(radius('queue-leader-move', '/:celery', changed(whole, 'queues', '/:celery', untold))).toEqual([
    'celery gives its consumers nothing while its leader moves.',
    'What workers hold unacknowledged comes again.',
    'Then the other nodes copy its messages.',
  ]);
});

test('queue-sync says that the queue stands still, for how many messages, and for whom', () => {
  const sync = (inSync: readonly string[] | null) => radius('queue-sync', '/:celery', replicated(whole, { inSync }));
  expect(sync([RABBIT_1, RABBIT_2])).toEqual([
    'celery takes and gives nothing while its messages (12) are copied to rabbit-3.',
  ]);
  expect(sync(null)).toEqual([
    'celery takes and gives nothing while its messages (12) are copied to the copies that are behind.',
  ]);
  expect(radius('queue-sync', '/:celery')).toEqual(['Every copy of celery is in sync already: nothing is copied.']);
});
