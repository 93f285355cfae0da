import { describe, expect, it } from 'vitest';
import {
  differences,
  leftBehind,
  neverReleased,
  ROLE_ASPECTS,
  type Shot,
  serverStates,
  writeOrders,
} from './shot-difference.ts';

const shot: Shot = {
  redis: { 'host-1': 'master', 'host-2': 'follows 127.0.1.1' },
  sentinels: { 'host-1': '127.0.1.1' },
  leaders: { celery: 'rabbit-1@host-1' },
  lock: { beat: 'host-1' },
  consul: { leader: 'host-1' },
  servers: { 'haproxy-1 redis/redis-1': 'ready' },
  policies: { 'ha-all': '{}' },
  frozen: {},
  stopped: {},
};

describe('two shots', () => {
  it('differ in what changed, came or went, and in nothing else', () => {
    const after: Shot = {
      ...shot,
      redis: { 'host-1': 'follows 127.0.1.2', 'host-2': 'follows 127.0.1.1' },
      leaders: {},
      stopped: { 'host-1/redis': 'stopped' },
    };
    expect(differences(shot, after, ['redis', 'leaders', 'stopped'])).toEqual([
      'redis host-1: master, now follows 127.0.1.2',
      'leaders celery: rabbit-1@host-1, now none',
      'stopped host-1/redis: none, now stopped',
    ]);
    expect(differences(shot, shot, ROLE_ASPECTS)).toEqual([]);
  });

  it('are held against each other only where they are asked', () => {
    expect(differences(shot, { ...shot, lock: { beat: 'host-2' } }, ['redis', 'servers'])).toEqual([]);
  });
});

describe('what must never be left', () => {
  it('is nothing in a whole lab', () => {
    expect(leftBehind(shot)).toEqual([]);
  });

  it('is named: servers out of service, temporary policies, frozen processes', () => {
    const left: Shot = {
      ...shot,
      servers: { 'haproxy-1 redis/redis-1': 'maint', 'haproxy-2 amqp/rabbit-1': 'drain', 'haproxy-3': 'no answer' },
      policies: { 'ha-all': '{}', 'trellis-move-celery': '{}' },
      frozen: { 'host-1/redis': 'frozen' },
    };
    expect(leftBehind(left)).toEqual([
      'haproxy-1 redis/redis-1 is in maint',
      'haproxy-2 amqp/rabbit-1 is in drain',
      'policy trellis-move-celery is there',
      'host-1/redis is frozen',
    ]);
  });
});

describe('writes that were held back', () => {
  const stats = (pauses: number, releases: number) =>
    writeOrders(
      [
        '# Commandstats',
        'cmdstat_set:calls=900,usec=1,usec_per_call=1.00,rejected_calls=0,failed_calls=0',
        `cmdstat_client|unpause:calls=${releases},usec=3,usec_per_call=3.00`,
        `cmdstat_client|pause:calls=${pauses},usec=4,usec_per_call=4.00`,
      ].join('\r\n'),
    );

  it('are counted by Redis itself, none where nobody ever asked', () => {
    expect(stats(2, 1)).toEqual({ held: 2, released: 1 });
    expect(writeOrders('# Commandstats\r\n')).toEqual({ held: 0, released: 0 });
  });

  it('are left where nobody ordered them to be let go, whether or not the pause has run out', () => {
    expect(neverReleased({ 'host-1': stats(2, 2) }, { 'host-1': stats(3, 2) })).toEqual(['host-1']);
    expect(neverReleased({ 'host-1': stats(2, 2) }, { 'host-1': stats(3, 3), 'host-2': stats(0, 0) })).toEqual([]);
    expect(neverReleased({}, { 'host-1': stats(1, 0) })).toEqual(['host-1']);
  });
});

describe('HAProxy’s own table of servers', () => {
  it('tells who is in service, drained, or out of it', () => {
    const text = [
      '1',
      '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight',
      '2 amqp 1 rabbit-1 127.0.1.1 2 0 1',
      '2 amqp 2 rabbit-2 127.0.1.2 2 8 1',
      '3 redis 1 redis-1 127.0.1.1 0 1 1',
      '',
    ].join('\n');
    expect(serverStates(text)).toEqual({
      'amqp/rabbit-1': 'ready',
      'amqp/rabbit-2': 'drain',
      'redis/redis-1': 'maint',
    });
  });
});
