import { expect, test } from 'vitest';
import type { ProxyServer } from '#lib/model/haproxy.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import type { Reading } from '#lib/model/reading.ts';
import type { RedisNode, RedisRole } from '#lib/model/redis.ts';
import { serverRows } from './server-rows.ts';

const NOW = 100_000;
const ID = 'results/127.0.1.1:6379';

function estate(role: RedisRole, up: boolean): Model {
  const current = { at: NOW, intervalMs: 1_000, failure: null } as Reading;
  const node = { id: ID, own: up ? 'own' : null, role: [{ by: 'own', value: role }], up: [{ by: 's', value: up }] };
  return {
    ...emptyModel(),
    readings: { own: current, s: current },
    redisNodes: { [ID]: { ...node, name: 'redis-1', linkUp: true } as unknown as RedisNode },
  };
}

function shown(status: string, model: Model, isFresh = true) {
  const server: ProxyServer = {
    ...{ name: 'r1', address: null, backup: false, status, usable: status.startsWith('UP'), checkStatus: null },
    ...{ checkDetail: null, sessions: 0, totalSessions: 0, secondsSinceChange: 0 },
    check: { kind: null, intervalMs: null, fall: null, rise: null, endsSessions: null },
    target: { kind: 'redisNodes', id: ID },
  };
  const serving = server.usable ? ['r1'] : [];
  const backend = { name: 'results', carries: 'results', servers: [server], serving } as const;
  return serverRows(backend, isFresh, model, NOW)[0]?.shown;
}

test('a living replica that fails the check for the master is standby, not down', () => {
  expect(shown('DOWN', estate('replica', true))).toEqual({ status: 'ok', word: 'standby' });
});

test('a master that fails its check, and a replica that is dead, are down', () => {
  expect(shown('DOWN', estate('master', true))?.status).toBe('down');
  expect(shown('DOWN', estate('replica', false))?.status).toBe('down');
});

test('a server whose checks begin to fail is degraded, one that was taken out is in maintenance', () => {
  expect(shown('UP 1/3', estate('master', true))?.status).toBe('degraded');
  expect(shown('MAINT', estate('master', true))?.status).toBe('maintenance');
});

test('a broker node that is hung or down is not green because it takes a TCP connection', () => {
  const shownWith = (checkStatus: string, running: boolean) => {
    const readings = { peer: { at: NOW, intervalMs: 1_000, failure: null } as Reading };
    const node = {
      id: 'rabbit-1@host-1',
      own: [],
      running: [{ by: 'peer', value: running }],
      partitions: [],
      amqp: null,
    };
    const model = { ...emptyModel(), readings, brokerNodes: { [node.id]: node as unknown as BrokerNode } };
    const server = {
      ...{ name: 'b1', address: null, backup: false, status: 'UP', usable: true, checkStatus, checkDetail: null },
      ...{ sessions: 0, totalSessions: 0, secondsSinceChange: 0 },
      check: { kind: 'tcp', intervalMs: null, fall: null, rise: null, endsSessions: null },
      target: { kind: 'brokerNodes', id: node.id },
    } as const;
    const backend = { name: 'amqp', carries: 'broker', servers: [server], serving: ['b1'] } as const;
    return serverRows(backend, true, model, NOW)[0]?.shown;
  };
  expect(shownWith('L4OK', false)).toEqual({ status: 'degraded', word: 'TCP check passes, node down' });
  expect(shownWith('L4OK', true)).toEqual({ status: 'ok', word: 'UP' });
  expect(shownWith('L7OK', false)).toEqual({ status: 'ok', word: 'UP' });
});

test('nothing that a silent proxy said last is green', () => {
  expect(shown('UP', estate('master', true), false)?.status).toBe('stale');
});
