/** beat-handover: the holder's session is ended; a standby gets the lock after its delay, and never are there two beats. */
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand } from '#server/drills/guards.ts';
import { consulTolerates, standbyWaits } from '#server/drills/other-guards.ts';
import { beatScene, lockTargets, standbyBack, taken } from './beat-parts.ts';
import { promise, stay } from './kit.ts';

const info: DrillInfo = {
  ...{ id: 'beat-handover', title: 'Hand the beat over', risk: DRILL_RISK['beat-handover'], targetKind: 'locks' },
  proves: 'A standby beat takes the schedule over, with no tick twice; and which ticks are missed.',
  needsExecutor: false,
  hypothesis: promise('a standby', {
    ...{ lost: 0, repeated: 0, resultsLost: 0 },
    because: 'Consul keeps the lock free for its lock-delay: what is due meanwhile is missed or late.',
    outageMs: { publish: 0, execute: 0, result: 0, schedule: 20_000 },
  }),
};

/** The drill. */
export const beatHandover: Drill = {
  info,
  targets: lockTargets,
  aim(id: string, scene: Scene) {
    const beat = beatScene(id, scene);
    if (beat === null) return null;
    const { lock, heirs, delayMs } = beat;
    const from = lock.holder.host ?? lock.holder.node;
    return {
      hypothesis: {
        ...{ ...info.hypothesis, winner: heirs },
        outageMs: { ...info.hypothesis.outageMs, schedule: delayMs + 5_000 },
      },
      steps: [
        {
          ...{
            id: 'destroy',
            title: `End the session of ${from}`,
            limitMs: 5_000,
            isFault: true,
            isPointOfNoReturn: true,
          },
          calls: () => [[{ verb: 'consul.destroy-session', session: lock.holder.session }]],
          undo: () => [],
        },
        taken(beat, delayMs + 30_000),
        stay('ticks', 'The new beat sends', 10_000),
        { ...standbyBack(beat, 60_000), isPatient: true },
      ],
      timeline: [
        { afterMs: 0, text: `${from} loses lock ${lock.id} and ends its beat.` },
        { afterMs: delayMs, text: `${heirs} gets the lock; the schedule goes on.` },
        { afterMs: delayMs + 15_000, text: `${from} waits as the standby, once its supervisor has started it again.` },
      ],
      warnings: [
        `Nothing is scheduled for about ${Math.round(delayMs / 1_000)} s: the lock-delay, which keeps two beats from sending.`,
        `Without a supervisor ${from} does not come back by itself, and there is no standby.`,
      ],
      guards: [standbyWaits(lock), consulTolerates],
      holds: [bystandersStand([])],
      ...{
        evidence: [lock.by],
        disturbs: [],
        failing: beat.beat === null ? null : { kind: 'beats', id: beat.beat.id },
      },
    };
  },
};
