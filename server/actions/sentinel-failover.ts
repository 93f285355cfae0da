/** Tells one Sentinel to fail a service over, with no vote. */
import type { RedisLogin } from '#server/redis/login.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { EstateActions } from './estate-actions.ts';
import { actionError } from './outside-call.ts';
import { redisOrder } from './redis-call.ts';

/** By a service's name in the configuration: what the Sentinels call it, and how to sign in there; null = not configured. */
export type SentinelService = { masterName: string; login: RedisLogin };
export type SentinelFailoverOptions = { clock: TimerClock; serviceOf(service: string): SentinelService | null };

/** A Sentinel asks the replica before it answers. */
const LIMIT_MS = 5_000;

/** The verb. It returns when the Sentinel has begun; the new master shows later. */
export function createSentinelFailover({
  clock,
  serviceOf,
}: SentinelFailoverOptions): EstateActions['redis']['failover'] {
  return async (sentinel, service, signal) => {
    const found = serviceOf(service);
    if (found === null) {
      throw actionError(`${sentinel}: SENTINEL FAILOVER`, `${service} is not under redis: in the configuration`);
    }
    const command = ['sentinel', 'FAILOVER', found.masterName] as const;
    await redisOrder(sentinel, found.login, command, { clock, limitMs: LIMIT_MS, signal });
  };
}
