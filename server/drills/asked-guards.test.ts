/** Which drills ask what an operator took out of service, and what a master has on disk. */
import { expect, test } from 'vitest';
import type { DrillId } from '#lib/model/drill.ts';
import { changed } from '#server/sources/told-estate.ts';
import { DRILLS } from './catalog/all.ts';
import { MASTER, policed, sceneOf, standing, whole } from './guard-fixture.ts';
import { planOf } from './plan.ts';

const MOVES_MASTER = ['redis-switch', 'redis-failover', 'redis-crash', 'redis-hang'] as const;

/** How the guard came out; null = the drill does not ask it. */
function level(drill: DrillId, target: string, guard: string, model = whole): string | null {
  const { plan } = planOf(DRILLS[drill], target, sceneOf(model), { off: null, active: null, endedAt: null });
  return plan.checks.find(({ id }) => id === guard)?.level ?? null;
}

test('a proxy is restarted only where that forgets nothing, alone or with its host', () => {
  const out = standing('haproxy-2', 'amqp', 'rabbit-3', 'MAINT');
  const asked = (target: string, model = out) => level('proxy-crash', target, 'taken-out', model);
  expect([asked('haproxy-2'), asked('haproxy-1'), asked('haproxy-2', whole)]).toEqual(['block', 'pass', 'pass']);
  const host = (target: string) => level('host-crash', target, 'taken-out', out);
  expect([host('host-2'), host('host-1')]).toEqual(['block', 'pass']);
});

test('the master of Redis moves only where every proxy has everyone in service who may be next', () => {
  const out = standing('haproxy-3', 'redis', 'redis-1', 'MAINT');
  for (const drill of MOVES_MASTER) {
    expect([drill, level(drill, 'results', 'heirs-in-service', out)]).toEqual([drill, 'block']);
    expect([drill, level(drill, 'results', 'heirs-in-service')]).toEqual([drill, 'pass']);
  }
  const host = (target: string) => level('host-crash', target, 'heirs-in-service', out);
  expect([host('host-2'), host('host-1')]).toEqual(['block', null]);
});

test('who dies with its host is no heir of the master there', () => {
  const together = changed(standing('haproxy-3', 'redis', 'redis-1', 'MAINT'), 'redisNodes', 'results/127.0.1.1:6379', {
    host: 'host-2',
  });
  expect(level('host-crash', 'host-2', 'heirs-in-service', together)).toBe('pass');
});

test('only who starts the master again asks what it has on disk', () => {
  const memory = changed(whole, 'redisNodes', MASTER, { appendOnly: false });
  const asked = MOVES_MASTER.map((drill) => level(drill, 'results', 'append-only', memory));
  expect(asked).toEqual([null, null, 'warn', null]);
  expect(level('host-crash', 'host-2', 'append-only', memory)).toBe('warn');
  expect(level('host-crash', 'host-1', 'append-only', memory)).toBeNull();
});

test('a leader is moved only where the copies are synchronised again by themselves', () => {
  const asked = (mode: string) =>
    level('queue-leader-move', '/:celery', 'movable', policed({ 'ha-mode': 'all', 'ha-sync-mode': mode }));
  expect([asked('automatic'), asked('manual')]).toEqual(['pass', 'block']);
});
