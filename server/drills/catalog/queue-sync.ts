/** queue-sync: the copies of a mirrored queue are synchronised. */
import { formatCount } from '#lib/format/quantity.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { missingCopies } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { brokerAtPeace, shortEnough } from '#server/drills/broker-guards.ts';
import type { Drill, Guard, Scene } from '#server/drills/drill.ts';
import { bystandersStand, checked, evidenceOf, mayActOnBroker } from '#server/drills/guards.ts';
import { promise } from './kit.ts';
import { inSync, queueEvidence, queueOf, queueTargets } from './queue-parts.ts';
import { syncTouches } from './touches.ts';

const info: DrillInfo = {
  ...{ id: 'queue-sync', title: 'Synchronise a queue', risk: DRILL_RISK['queue-sync'], targetKind: 'queues' },
  proves: 'Copies that are behind catch up, and how long the queue stands still for it.',
  needsExecutor: false,
  hypothesis: promise('', {
    ...{ lost: 0, repeated: 0, resultsLost: 0 },
    outageMs: { publish: 10_000, execute: 10_000 },
  }),
};

/** The drill. */
export const queueSync: Drill = {
  info,
  targets: queueTargets,
  aim(id: string, scene: Scene) {
    const queue = queueOf(id, scene);
    if (queue === null) return null;
    const { vhost, name } = queue;
    return {
      hypothesis: info.hypothesis,
      steps: [
        {
          ...{ id: 'sync', title: `Synchronise ${name}`, limitMs: 10_000, isFault: true },
          calls: () => [[{ verb: 'rabbitmq.sync', vhost, queue: name, action: 'sync' }]],
          undo: () => [{ verb: 'rabbitmq.sync', vhost, queue: name, action: 'cancel_sync' }],
        },
        { ...inSync(queue, 300_000), settles: ['sync'] },
      ],
      timeline: [{ afterMs: 0, text: `${name} stands still while its messages are copied.` }],
      warnings: ['Every operation on the queue waits until its messages are copied.'],
      guards: [mayActOnBroker, brokerAtPeace, mirrored(queue), behind(queue), shortEnough(queue)],
      holds: [bystandersStand([])],
      ...{ evidence: queueEvidence(queue, scene), disturbs: [], failing: null },
      touches: syncTouches(queue, scene.model),
    };
  },
};

function mirrored({ name, type, replication, by }: Queue): Guard {
  return (scene) =>
    replication.kind === 'mirrors'
      ? checked('mirrored', 'pass', `${name} is mirrored.`, evidenceOf([by], scene))
      : checked(
          'mirrored',
          'block',
          `${name} is a ${type} queue: only mirrors are synchronised by hand.`,
          evidenceOf([by], scene),
        );
}

function behind({ name, replication, by }: Queue): Guard {
  return (scene) => {
    const missing = missingCopies(replication);
    const told = evidenceOf([by], scene);
    if (missing === null) return checked('behind', 'warn', `Which copies of ${name} are behind is not told.`, told);
    if (missing.length > 0)
      return checked(
        'behind',
        'pass',
        `${formatCount(missing.length, `copy of ${name} is`, `copies of ${name} are`)} behind.`,
        told,
      );
    return checked('behind', 'warn', `Every copy of ${name} is in sync already: there is nothing to copy.`, told);
  };
}
