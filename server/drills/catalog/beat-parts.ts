/** What drills on the beat have in common. Pure. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { orList } from '#lib/format/list.ts';
import type { Beat, Lock } from '#lib/model/consul.ts';
import type { Scene, Step } from '#server/drills/drill.ts';
import { seen, watch } from './kit.ts';

/** What a session without told times is taken to have: `consul lock` sets these. */
const LOCK_DELAY_MS = 15_000;

/** The locks that beats hold. */
export function lockTargets({ model }: Scene): DrillTarget[] {
  return Object.values(model.locks).map(({ id, holder }): DrillTarget => {
    const role = holder === null ? 'nobody holds it' : `held by ${holder.host ?? holder.node}`;
    return { kind: 'locks', id, name: id, role, host: holder?.host ?? null };
  });
}

/** A lock with its holder and those who wait. */
export type BeatScene = {
  lock: Lock & { holder: NonNullable<Lock['holder']> };
  beat: Beat | null;
  heirs: string;
  delayMs: number;
};

/** null = there is no such lock, or nobody holds it. */
export function beatScene(target: string, { model }: Scene): BeatScene | null {
  const lock = Object.hasOwn(model.locks, target) ? model.locks[target] : undefined;
  const holder = lock?.holder ?? null;
  if (lock === undefined || holder === null) return null;
  const beats = Object.values(model.beats).filter((one) => one.lock === lock.id);
  return {
    lock: { ...lock, holder },
    beat: beats.find(({ role, goneSince }) => role === 'holder' && goneSince === null) ?? null,
    heirs: orList(lock.standbys.map(({ host, node }) => host ?? node)) || 'nobody',
    delayMs: lock.times?.lockDelayMs ?? LOCK_DELAY_MS,
  };
}

/** Waits until another session holds the lock. */
export function taken({ lock }: BeatScene, limitMs: number): Step {
  return watch({
    ...{ id: 'taken', title: `Another beat holds lock ${lock.id}`, limitMs },
    check: ({ model }) => {
      const holder = model.locks[lock.id]?.holder ?? null;
      if (holder === null) return { done: false, says: 'Nobody holds it: the lock-delay runs.' };
      if (holder.session === lock.holder.session)
        return { done: false, says: `${holder.host ?? holder.node} still holds it.` };
      const winner = holder.host ?? holder.node;
      return { done: true, says: `${winner} holds it.`, learned: { winner } };
    },
  });
}

/** Waits until as many beats wait for the lock as before. */
export function standbyBack({ lock }: BeatScene, limitMs: number): Step {
  return watch({
    ...{ id: 'standby', title: 'A standby waits for the lock again', limitMs },
    check: ({ model }) => {
      const waiting = model.locks[lock.id]?.standbys.length ?? 0;
      return seen(waiting >= lock.standbys.length, `${waiting} wait.`, `${waiting} of ${lock.standbys.length} wait.`);
    },
  });
}
