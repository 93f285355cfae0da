import { describe, expect, it } from 'vitest';
import { proxyTrouble } from './haproxy.ts';

const HEADER = '# pxname,svname,status,check_status,type,';
const servers = (changes: Readonly<Record<string, string>> = {}) =>
  [
    HEADER,
    'amqp,FRONTEND,OPEN,,0,',
    `amqp,rabbit-1,${changes['rabbit-1'] ?? 'UP,L4OK'},2,`,
    `amqp,rabbit-2,${changes['rabbit-2'] ?? 'UP,* L4OK'},2,`,
    `amqp,rabbit-3,${changes['rabbit-3'] ?? 'UP,L4OK'},2,`,
    'amqp,BACKEND,UP,,1,',
    `redis,redis-1,${changes['redis-1'] ?? 'UP,L7OK'},2,`,
    `redis,redis-2,${changes['redis-2'] ?? 'DOWN,L7RSP'},2,`,
    'redis,redis-3,DOWN,L7TOUT,2,',
    '',
  ].join('\n');

describe('HAProxy is in order', () => {
  it('with three checked brokers and one Redis, also while a check is under way', () => {
    expect(proxyTrouble(servers())).toBeUndefined();
  });

  it('not while a broker is down, and it is named', () => {
    expect(proxyTrouble(servers({ 'rabbit-2': 'DOWN,L4CON' }))).toBe('does not have rabbit-2 up');
  });

  it('not before the first check, when everything is called UP', () => {
    expect(proxyTrouble(servers({ 'rabbit-1': 'UP,INI' }))).toBe('does not have rabbit-1 up');
    expect(proxyTrouble(servers({ 'redis-1': 'UP,INI' }))).toContain('Redis servers up');
  });

  it('not with two Redis servers, or none', () => {
    expect(proxyTrouble(servers({ 'redis-2': 'UP,L7OK' }))).toBe('has 2 Redis servers up, not 1 (the master)');
    expect(proxyTrouble(servers({ 'redis-1': 'DOWN,L7TOUT' }))).toBe('has 0 Redis servers up, not 1 (the master)');
  });
});
