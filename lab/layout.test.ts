import { describe, expect, it } from 'vitest';
import { DOWN_ORDER, distributionPort, endpointsOf, HOSTS, MEMBERS, rabbitNode, resolveTarget } from './layout.ts';

const FIRST_EPHEMERAL_PORT = 32_768;

describe('layout', () => {
  const endpoints = MEMBERS.flatMap((id) => Object.values(endpointsOf(id)));

  it('gives no two processes the same socket', () => {
    expect(new Set(endpoints).size).toBe(endpoints.length);
  });

  it('uses no port that the kernel may hand to an outgoing connection', () => {
    for (const endpoint of endpoints) expect(Number(endpoint.split(':')[1])).toBeLessThan(FIRST_EPHEMERAL_PORT);
  });

  it('keeps every listener on loopback', () => {
    for (const endpoint of endpoints) expect(endpoint).toMatch(/^127\./);
  });

  it('gives each RabbitMQ node its own name and distribution port, as one epmd needs it', () => {
    expect(HOSTS.map(rabbitNode)).toEqual(['rabbit-1@host-1', 'rabbit-2@host-2', 'rabbit-3@host-3']);
    expect(HOSTS.map(distributionPort)).toEqual([25_672, 25_673, 25_674]);
  });

  it('ends every member exactly once, brokers one by one after everything that uses them', () => {
    const order = DOWN_ORDER.flat();
    expect([...order].sort()).toEqual([...MEMBERS].sort());
    const brokerSteps = DOWN_ORDER.filter((step) => step.some((id) => id.endsWith('/rabbitmq')));
    expect(brokerSteps.map((step) => step.length)).toEqual([1, 1, 1]);
    expect(DOWN_ORDER.slice(-4, -1)).toEqual(brokerSteps);
  });
});

describe('target', () => {
  it('names one process', () => {
    expect(resolveTarget('host-2/redis')).toEqual(['host-2/redis']);
    expect(resolveTarget('lab/epmd')).toEqual(['lab/epmd']);
  });

  it('names all processes of a host, without the shared epmd', () => {
    expect(resolveTarget('host-3')).toEqual([
      'host-3/rabbitmq',
      'host-3/redis',
      'host-3/sentinel',
      'host-3/haproxy',
      'host-3/consul',
      'host-3/worker',
    ]);
  });

  it('is refused with what can be named instead', () => {
    expect(() => resolveTarget('host-3/beat')).toThrow('host-3 has no "beat". It carries: rabbitmq, redis');
    expect(() => resolveTarget('redis')).toThrow('No such target: "redis". Name a host (host-1, host-2, host-3)');
    expect(() => resolveTarget('')).toThrow('No such target');
  });
});
