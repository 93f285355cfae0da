/** What drills on the beat have in common. Pure. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { orList } from '#lib/format/list.ts';
import type { Beat, Lock } from '#lib/model/consul.ts';
import type { Hypothesis } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import { forecastOfLoss, type Scene, type Step } from '#server/drills/drill.ts';
import { held, seen, watch } from './kit.ts';

/** What a session without told times is taken to have: `consul lock` sets these. */
const LOCK_DELAY_MS = 15_000;
const TTL_MS = 15_000;
/** The next beat starts, and its first tick is due. */
const START_MS = 5_000;
/** One look may fall between a session that ends and the news of it. */
const HELD_MS = 5_000;

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
    delayMs: delayOf(lock),
  };
}

function delayOf({ times }: Lock): number {
  return times?.lockDelayMs ?? LOCK_DELAY_MS;
}

/** When a dead holder's lock is free at the latest (ms): its session lives for up to twice its time, then the lock-delay runs. */
export function freeAfterMs(lock: Lock): number {
  return 2 * (lock.times?.ttlMs ?? TTL_MS) + delayOf(lock);
}

/** The longest time (ms) without a schedule when the holder dies and a standby takes over. */
export function scheduleOutMs(lock: Lock): number {
  return freeAfterMs(lock) + START_MS;
}

/** The locks that change hands with this loss, by the forecast: those whose beat, or whose beat's Consul agent, goes. */
export function locksLostWith(failing: Subject, model: Model): Lock[] {
  const effects = forecastOfLoss(failing, model)?.effects ?? [];
  const passed = effects.filter(({ layer, outcome }) => layer === 'schedule' && outcome === 'takes-over');
  return passed.flatMap(({ subject }) => model.locks[subject.id] ?? []);
}

/** The promise of a drill that takes these locks along: the schedule pauses. The same where it takes none. */
export function withSchedule(hypothesis: Hypothesis, lost: readonly Lock[]): Hypothesis {
  if (lost.length === 0) return hypothesis;
  const { because, outageMs } = hypothesis;
  const why = `The beat’s hold on ${orList(lost.map(({ id }) => `lock ${id}`))} goes with it: its session has to end first, then the lock-delay runs.`;
  return {
    ...hypothesis,
    because: because === null ? why : `${because} ${why}`,
    outageMs: { ...outageMs, schedule: Math.max(...lost.map(scheduleOutMs)) },
  };
}

/** Waits until somebody holds the lock, and keeps it. */
export function heldAgain(lock: Lock): Step {
  return watch({
    ...{ id: `held-${lock.id}`, title: `A beat holds lock ${lock.id}`, limitMs: freeAfterMs(lock) + 30_000 },
    check: ({ model, now, facts }) => {
      const holder = model.locks[lock.id]?.holder ?? null;
      const name = holder?.host ?? holder?.node;
      return held(
        `held-${lock.id}`,
        HELD_MS,
        { now, facts },
        seen(holder !== null, `${name} holds it.`, 'Nobody holds it.'),
      );
    },
  });
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
      return { done: true, says: `${winner} holds it.`, learned: { winner, tookOver: winner } };
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
