import { expect, test } from 'vitest';
import { agentDeath, CONSUL_ELECTION, narrowed, proxySwitch, redisFailover, sessionExpiry } from './bands.ts';

test("a session's end is told from its times, as measured on the lab", () => {
  expect(sessionExpiry({ ttlMs: 15_000, lockDelayMs: 15_000 })).toEqual({ from: 37_500, to: 46_000 });
  expect(agentDeath({ ttlMs: 15_000, lockDelayMs: 15_000 })).toEqual({ from: 18_000, to: 25_000 });
});

test('what is not told gives no band', () => {
  expect(sessionExpiry({ ttlMs: 15_000, lockDelayMs: null })).toBeNull();
  expect(agentDeath(null)).toBeNull();
  expect(redisFailover(null, 0)).toBeNull();
  expect(proxySwitch({ intervalMs: null, fall: 3 })).toBeNull();
});

test('a proxy switches once it failed as many checks as it counts', () => {
  expect(proxySwitch({ intervalMs: 1_000, fall: 3 })).toEqual({ from: 2_000, to: 3_700 });
});

test('a failover of Redis holds what was measured on the lab: 3.5 to 4.6 s', () => {
  const band = redisFailover(2_000, 2_000);
  expect(band?.from).toBeLessThanOrEqual(3_500);
  expect(band?.to).toBeGreaterThanOrEqual(4_600);
});

test('no band is wider than 2 s or half of its middle', () => {
  expect(narrowed({ from: 0, to: 10_000 })).toEqual({ from: 3_750, to: 6_250 });
  expect(narrowed({ from: 1_000, to: 2_000 })).toEqual({ from: 1_000, to: 2_000 });
  expect(narrowed(CONSUL_ELECTION)).toEqual(CONSUL_ELECTION);
});
