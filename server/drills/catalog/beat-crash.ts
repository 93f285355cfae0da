/** beat-crash: the lock process and its beat are killed together. */
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand, commandsFor } from '#server/drills/guards.ts';
import { consulTolerates, standbyWaits } from '#server/drills/other-guards.ts';
import { beatScene, freeAfterMs, lockTargets, scheduleOutMs, standbyBack, taken } from './beat-parts.ts';
import { command, promise, stay } from './kit.ts';

const info: DrillInfo = {
  ...{ id: 'beat-crash', title: 'Kill the beat', risk: DRILL_RISK['beat-crash'], targetKind: 'locks' },
  proves: 'A standby beat takes over from one that died; and for how long nothing is scheduled.',
  needsExecutor: true,
  hypothesis: promise('a standby', {
    ...{ lost: 0, repeated: 0, resultsLost: 0 },
    because: 'The dead session first has to expire, then the lock-delay runs.',
    outageMs: { publish: 0, execute: 0, result: 0, schedule: 50_000 },
  }),
};

/** The drill. */
export const beatCrash: Drill = {
  info,
  targets: lockTargets,
  aim(id: string, scene: Scene) {
    const beat = beatScene(id, scene);
    if (beat?.beat == null) return null;
    const { lock, heirs, delayMs } = beat;
    const process = { kind: 'beats', id: beat.beat.id, host: beat.beat.host };
    const start = command('start', process, scene.means);
    const expiryMs = freeAfterMs(lock);
    return {
      hypothesis: {
        ...{ ...info.hypothesis, winner: heirs },
        outageMs: { ...info.hypothesis.outageMs, schedule: scheduleOutMs(lock) },
      },
      steps: [
        {
          ...{ id: 'kill', title: `Kill ${beat.beat.id}`, limitMs: 15_000, isFault: true, isPointOfNoReturn: true },
          calls: () => [[command('kill', process, scene.means)]],
          undo: () => [start],
        },
        taken(beat, expiryMs + 30_000),
        stay('ticks', 'The new beat sends', 10_000),
        {
          ...{ id: 'start', title: `Start ${beat.beat.id} again`, limitMs: 30_000 },
          calls: () => [[start]],
          undo: () => [],
        },
        standbyBack(beat, 60_000),
      ],
      timeline: [
        { afterMs: expiryMs - delayMs, text: 'Its session has expired at the latest.' },
        { afterMs: expiryMs, text: `${heirs} holds the lock; the schedule goes on.` },
      ],
      warnings: ['Measured: 40 s without a schedule when the lock process and its child died together.'],
      guards: [standbyWaits(lock), consulTolerates, commandsFor(['kill', 'start'], process)],
      holds: [bystandersStand([])],
      ...{ evidence: [lock.by], disturbs: [], failing: { kind: 'beats', id: beat.beat.id } },
    };
  },
};
