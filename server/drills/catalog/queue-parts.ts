/** What drills on one queue have in common. Pure. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { missingCount } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { taskQueuesOf } from '#server/drills/broker-guards.ts';
import type { Scene, Step } from '#server/drills/drill.ts';
import { seen, watch } from './kit.ts';

/** Replicated queues of tasks. */
export function queueTargets({ model }: Scene): DrillTarget[] {
  return taskQueuesOf(model)
    .filter(({ replication }) => replication.kind !== 'none')
    .map(({ id, name, replication: { leader, kind } }): DrillTarget => {
      const led = leader === null ? 'no leader' : `led by ${shortNodeName(leader, model)}`;
      const host = leader === null ? null : (model.brokerNodes[leader]?.host ?? null);
      return { kind: 'queues', id, name, role: kind === 'mirrors' ? led : `${led}, ${kind}`, host };
    });
}

/** The queue of that id; null = it is not there. */
export function queueOf(target: string, { model }: Scene): Queue | null {
  return (Object.hasOwn(model.queues, target) ? model.queues[target] : undefined) ?? null;
}

/** The readings that a plan about a queue rests on. */
export function queueEvidence({ by }: Queue, { model }: Scene): string[] {
  return [by, ...Object.values(model.brokerNodes).flatMap(({ own }) => own.filter((key) => key.endsWith('/nodes')))];
}

/** Waits until every copy that there should be is in sync. */
export function inSync({ id, name }: Queue, limitMs: number): Step {
  return watch({
    ...{ id: 'in-sync', title: 'Every copy is in sync', limitMs },
    check: ({ model }) => {
      const replication = model.queues[id]?.replication;
      const missing = replication === undefined ? null : missingCount(replication);
      return seen(
        missing === 0,
        `All copies of ${name} are in sync.`,
        `${name} lacks ${missing ?? 'untold'} copies in sync.`,
      );
    },
  });
}
