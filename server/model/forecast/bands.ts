/** How long a takeover takes, from the estate's own settings and from what was measured on the lab (ms). Pure. */
import type { LockTimes } from '#lib/model/consul.ts';
import type { Band } from '#lib/model/forecast.ts';
import type { ServerCheck } from '#lib/model/haproxy.ts';

const WIDEST_MS = 2_000;

/** No wider than 2 s, or half of its middle where that is more: a wider promise says nothing. Keeps the middle. */
export function narrowed({ from, to }: Band): Band {
  const middle = (from + to) / 2;
  const width = Math.min(to - from, Math.max(WIDEST_MS, middle / 2));
  return { from: Math.max(0, Math.round(middle - width / 2)), to: Math.round(middle + width / 2) };
}

/** The leader of a queue moves to another node. */
export const QUEUE_LEADER_MOVE: Band = { from: 0, to: 2_000 };

/** Consul elects another leader; measured 2.3 to 4.2 s from SIGKILL. */
export const CONSUL_ELECTION: Band = { from: 2_200, to: 4_200 };

/** HAProxy takes a failed server out; null where its interval or its count is not known. */
export function proxySwitch({ intervalMs, fall }: Pick<ServerCheck, 'intervalMs' | 'fall'>): Band | null {
  if (intervalMs === null || fall === null) return null;
  return { from: intervalMs * (fall - 1), to: intervalMs * fall + 700 };
}

/** Time (ms) until a proxy sees that a server is up; null where its settings are not known. */
export function proxyRiseMs({ intervalMs, rise }: Pick<ServerCheck, 'intervalMs' | 'rise'>): number | null {
  return intervalMs === null || rise === null ? null : intervalMs * rise;
}

/** Sentinel makes a replica the master, and the proxies see it `proxyMs` later; null where `downAfterMs` is not known. */
export function redisFailover(downAfterMs: number | null, proxyMs: number): Band | null {
  if (downAfterMs === null) return null;
  return narrowed({ from: downAfterMs + 1_000, to: downAfterMs + 2_000 + proxyMs });
}

/**
 * A session whose owner died. Consul ends it twice the TTL after its last renewal, which comes every half TTL; then the
 * lock delay counts. Measured about 40 s with 15 s and 15 s.
 */
export function sessionExpiry(times: LockTimes | null): Band | null {
  const { ttlMs = null, lockDelayMs = null } = times ?? {};
  if (ttlMs === null || lockDelayMs === null) return null;
  return narrowed({ from: 1.5 * ttlMs + lockDelayMs, to: 2 * ttlMs + lockDelayMs + 1_000 });
}

/** A session whose Consul agent died: gossip finds it out, and then the lock delay counts. */
export function agentDeath(times: LockTimes | null): Band | null {
  const { lockDelayMs = null } = times ?? {};
  return lockDelayMs === null ? null : narrowed({ from: lockDelayMs + 3_000, to: lockDelayMs + 10_000 });
}
