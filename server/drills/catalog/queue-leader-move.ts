/** queue-leader-move: a temporary policy makes another node the leader of a mirrored queue. */
import { shortNodeName } from '#lib/format/names.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { policyOf } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { brokerAtPeace, movable, redundancyWhole, shortEnough, taskQueuesOf } from '#server/drills/broker-guards.ts';
import type { Call } from '#server/drills/calls.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand, mayActOnBroker } from '#server/drills/guards.ts';
import { promise, promiseOf, seen } from './kit.ts';
import { inSync, queueEvidence, queueOf, queueTargets } from './queue-parts.ts';
import { moveTouches } from './touches.ts';

/** Policies with this prefix are Trellis's own, for the time of a move. */
export const MOVE_POLICY_PREFIX = 'trellis-move-';

const info: DrillInfo = {
  ...{
    id: 'queue-leader-move',
    title: 'Move a queue’s leader',
    risk: DRILL_RISK['queue-leader-move'],
    targetKind: 'queues',
  },
  proves: 'The leader of a mirrored queue moves to another node without losing a task.',
  needsExecutor: false,
  hypothesis: promise('a node with a copy in sync', {
    ...{ lost: 0, resultsLost: 0, repeated: 5 },
    because: 'What workers had taken and not acknowledged comes again.',
    outageMs: { publish: 2_000, execute: 3_000, result: 3_000 },
  }),
};

/** The drill. */
export const queueLeaderMove: Drill = { info, targets: queueTargets, aim };

function aim(id: string, scene: Scene): ReturnType<Drill['aim']> {
  const queue = queueOf(id, scene);
  if (queue === null) return null;
  const { model } = scene;
  const to = destination(queue, scene);
  const toName = to === null ? 'nobody' : shortNodeName(to, model);
  const { vhost, name } = queue;
  const policy = `${MOVE_POLICY_PREFIX}${name.replace(/[^\w.-]/g, '_').slice(0, 200)}`;
  const remove: Extract<Call, { verb: 'rabbitmq.delete-policy' }> = {
    verb: 'rabbitmq.delete-policy',
    vhost,
    name: policy,
  };
  return {
    hypothesis: promiseOf(info, toName),
    steps: [
      {
        ...{ id: 'move', title: `${toName} leads ${name}`, limitMs: 30_000, isFault: true, isPointOfNoReturn: true },
        calls: () => [[{ verb: 'rabbitmq.put-policy', vhost, name: policy, policy: movePolicy(queue, to, model) }]],
        // A leader stays where it is; only the policy must not.
        undo: () => [to === null ? remove : { ...remove, moving: { queue: name, to } }],
        async check({ actions, signal }) {
          const { leader } = await actions.rabbitmq.queue(vhost, name, signal);
          return seen(leader === to, `${toName} leads ${name}.`, `${leader ?? 'Nobody'} leads ${name}.`);
        },
      },
      {
        ...{ id: 'policy-away', title: 'Take the temporary policy away', limitMs: 10_000 },
        calls: () => [[remove]],
        ...{ undo: () => [], settles: ['move'] },
      },
      inSync(queue, 120_000),
    ],
    timeline: [
      { afterMs: 250, text: `${toName} leads ${name}; workers are given their tasks again.` },
      { afterMs: 1_000, text: 'The temporary policy is gone; the other nodes copy the queue again.' },
    ],
    warnings: [`From the move until the copies are in sync again ${toName} has the only copy of ${name}.`],
    guards: [mayActOnBroker, brokerAtPeace, redundancyWhole, movable(queue, to), shortEnough(queue)],
    holds: [bystandersStand([])],
    ...{ evidence: queueEvidence(queue, scene), disturbs: [], failing: null, touches: moveTouches(queue) },
  };
}

/** Of those that have a copy in sync and run, the one that leads the fewest queues. */
function destination({ replication }: Queue, { model, now }: Scene): string | null {
  const queues = taskQueuesOf(model);
  const ledBy = (id: string) => queues.filter((one) => one.replication.leader === id).length;
  const fit = (replication.inSync ?? []).filter((id) => {
    const node = model.brokerNodes[id];
    if (id === replication.leader || node === undefined || node.beingDrained === true) return false;
    return brokerNodeStatus(node, model, now).status === 'ok';
  });
  return fit.toSorted((a, b) => ledBy(a) - ledBy(b) || (a < b ? -1 : 1))[0] ?? null;
}

/** A policy wins whole: what the old one says beside the mirrors must be in it, or is dropped. */
function movePolicy(
  queue: Queue,
  to: string | null,
  { policies }: Model,
): Extract<Call, { verb: 'rabbitmq.put-policy' }>['policy'] {
  const kept = Object.entries(policyOf(queue, policies)?.definition ?? {}).filter(([key]) => !key.startsWith('ha-'));
  const highest = Math.max(0, ...Object.values(policies).map(({ priority }) => priority));
  return {
    pattern: `^${queue.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`,
    // One name alone: of several, RabbitMQ promotes whichever survives.
    definition: {
      ...Object.fromEntries(kept),
      'ha-mode': 'nodes',
      'ha-params': [to ?? ''],
      'ha-sync-mode': 'automatic',
    },
    priority: highest + 1,
    applyTo: 'queues',
  };
}
