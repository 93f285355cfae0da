import { describe, expect, it } from 'vitest';
import { servingOf } from './forecast-winners.ts';

/** HAProxy's statistics of one backend: server, status, active, backup. */
function stats(...servers: [string, string, string, string][]): string {
  const rows = servers.map(([name, status, act, bck]) => `amqp,${name},${status},${act},${bck},2`);
  const frame = ['amqp,FRONTEND,OPEN,,,0', 'amqp,BACKEND,UP,1,2,1', 'redis,redis-1,UP,1,0,2'];
  return ['# pxname,svname,status,act,bck,type', ...frame, ...rows, ''].join('\n');
}

describe('the broker that a proxy serves from', () => {
  it('is the active one while it is up, wherever it stands in the list', () => {
    expect(servingOf(stats(['rabbit-2', 'UP', '0', '1'], ['rabbit-1', 'UP 1/3', '1', '0']))).toBe('rabbit-1');
  });

  it('is the first backup that is up when the active one is down or in maintenance', () => {
    for (const status of ['DOWN', 'MAINT', 'DRAIN']) {
      const csv = stats(['rabbit-1', status, '1', '0'], ['rabbit-2', 'DOWN', '0', '1'], ['rabbit-3', 'UP', '0', '1']);
      expect(servingOf(csv)).toBe('rabbit-3');
    }
  });

  it('is none where none is up', () => {
    expect(servingOf(stats(['rabbit-1', 'DOWN', '1', '0']))).toBeNull();
  });
});
