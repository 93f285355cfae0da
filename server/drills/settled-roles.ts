/** Roles that move on by themselves after a run: waited for until they rest. */
import { equal } from '#lib/model/equal.ts';
import type { Model } from '#lib/model/model.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { isAtRest, type RoleKind, type Roles, rolesOf } from './roles.ts';
import { sleeper } from './sleep.ts';

/** What is looked at, and by which clock. */
export type Watching = {
  clock: TimerClock;
  model(): Model;
  /** Has the sources asked at once, and often for a few seconds. */
  hurry(): void;
};

/** As long as a lock-delay, and the end of a session before it, may take. */
export const SETTLE_LIMIT_MS = 60_000;
const SETTLED_MS = 3_000;
const LOOK_MS = 500;
/** A burst of the sources lasts a few seconds. */
const HURRY_MS = 4_000;

/**
 * The roles once those of these kinds are told, at rest and the same for three seconds; as they are when that takes longer than
 * `SETTLE_LIMIT_MS`, or the signal aborts.
 */
export async function settledRoles(
  before: Roles,
  kinds: readonly RoleKind[],
  { clock, model, hurry }: Watching,
  signal: AbortSignal,
): Promise<Roles> {
  const pause = sleeper(clock);
  const beganAt = clock.now();
  let hurriedAt = Number.NEGATIVE_INFINITY;
  let sameSince = beganAt;
  let last: Roles | null = null;
  for (;;) {
    const now = clock.now();
    if (now - hurriedAt >= HURRY_MS) {
      hurriedAt = now;
      hurry();
    }
    const roles = rolesOf(model(), now);
    if (last === null || !kinds.every((kind) => equal(last?.[kind], roles[kind]))) sameSince = now;
    last = roles;
    const isSettled = now - sameSince >= SETTLED_MS && isAtRest(before, roles, kinds);
    if (isSettled || now - beganAt >= SETTLE_LIMIT_MS || signal.aborted) return roles;
    await pause(LOOK_MS, signal);
  }
}
