/** The guard of a failover that came to nothing: its Sentinel rests from it for a while. Pure. */
import { someOf } from '#lib/format/list.ts';
import { formatAge, formatClock } from '#lib/format/quantity.ts';
import type { RedisService, Sentinel } from '#lib/model/redis.ts';
import type { Guard } from './drill.ts';
import { checked, evidenceOf } from './guards.ts';
import { sentinelsOf } from './redis-guards.ts';

/** Sentinel's own `failover-timeout` unless it is set. */
const USUAL_TIMEOUT_MS = 180_000;
/** A Sentinel dates its attempt up to a second later, so that not all of them try again at once. */
const DESYNC_MS = 1_000;

/**
 * No Sentinel rests. After an attempt, or a vote for another's, that ended in no new master it begins no failover by itself for
 * twice `failover-timeout`; SENTINEL FAILOVER it would still take, and nobody would help if that went wrong. One that ended in a
 * new master leaves no rest.
 */
export function noSentinelRests(service: RedisService): Guard {
  return ({ model, now }) => {
    const sentinels = sentinelsOf(service, model);
    const told = evidenceOf(
      sentinels.map(({ own }) => own),
      { model, now },
    );
    const restMs = 2 * (service.failoverTimeoutMs ?? USUAL_TIMEOUT_MS) + DESYNC_MS;
    const resting = sentinels.flatMap(({ name, events }) => {
      const at = failedAttemptAt(events, service.masterName);
      return at === null || at + restMs <= now ? [] : [{ name, until: at + restMs }];
    });
    if (resting.length === 0)
      return checked('no-rest', 'pass', 'No Sentinel rests from a failover that came to nothing.', told);
    const until = Math.max(...resting.map((one) => one.until));
    const who = someOf(resting.map(({ name }) => name));
    return checked(
      'no-rest',
      'block',
      `The last failover came to nothing, and ${who} would begin none by itself for a while. Possible again at ${formatClock(until)} UTC, in ${formatAge(until - now)}.`,
      told,
    );
  };
}

/** When the newest attempt began (epoch ms) that this Sentinel made, or voted for, and that ended in no new master; null = none did. */
function failedAttemptAt(events: Sentinel['events'], masterName: string): number | null {
  let triedAt: number | null = null;
  let votedAt: number | null = null;
  for (const { at, channel, text } of events) {
    const words = text.split(' ');
    if (channel === '+try-failover' && words[1] === masterName) triedAt = at;
    // A vote does not name its service: the next new master of any is taken for what came of it.
    if (channel === '+vote-for-leader') votedAt = at;
    if (channel === '+switch-master') votedAt = null;
    const isReset = channel === '+reset-master' && words[1] === masterName;
    if (isReset || (channel === '+switch-master' && words[0] === masterName)) {
      triedAt = null;
      votedAt = null;
    }
  }
  return triedAt === null && votedAt === null ? null : Math.max(triedAt ?? 0, votedAt ?? 0);
}
