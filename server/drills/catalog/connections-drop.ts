/** connections-drop: every client of a broker node is disconnected at once. */
import { shortNodeName } from '#lib/format/names.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { brokerAtPeace } from '#server/drills/broker-guards.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand, mayActOnBroker } from '#server/drills/guards.ts';
import { lateAcks, severalWorkers } from '#server/drills/other-guards.ts';
import { brokerEvidence, brokerNode, brokerTargets, workersConsume } from './broker-parts.ts';
import { promise, stay } from './kit.ts';
import { serversFor } from './proxy-servers.ts';
import { sessionsTouched, workersTouched } from './touches.ts';

const info: DrillInfo = {
  ...{
    id: 'connections-drop',
    title: 'Drop a broker’s connections',
    risk: DRILL_RISK['connections-drop'],
    targetKind: 'brokerNodes',
  },
  proves: 'Applications and workers reconnect by themselves, without a flood and without losing a task.',
  needsExecutor: false,
  hypothesis: promise('', {
    ...{ lost: 0, resultsLost: 0, repeated: 5 },
    because: 'What a worker had begun comes again where it acknowledges late.',
    outageMs: { publish: 2_000, execute: 5_000, result: 5_000 },
  }),
};

/** The drill. */
export const connectionsDrop: Drill = {
  info,
  targets: brokerTargets,
  aim(id: string, scene: Scene) {
    if (brokerNode(id, scene) === null) return null;
    const name = shortNodeName(id, scene.model);
    const sessions = sessionsTouched(serversFor({ kind: 'brokerNodes', id }, scene.model));
    return {
      hypothesis: info.hypothesis,
      steps: [
        {
          ...{ id: 'drop', title: `Close every client’s connection to ${name}`, limitMs: 30_000 },
          ...{ isFault: true, isPointOfNoReturn: true },
          calls: () => [[{ verb: 'rabbitmq.close-connections', node: id }]],
          undo: () => [],
        },
        stay('stay', 'Clients reconnect', 3_000),
        workersConsume(scene, 90_000),
      ],
      timeline: [
        { afterMs: 100, text: 'Clients are told why (320, Trellis drill) and reconnect.' },
        { afterMs: 2_000, text: 'Workers consume again.' },
      ],
      warnings: ['Trellis’s own connection to the node is cut, too.'],
      guards: [mayActOnBroker, brokerAtPeace, severalWorkers, lateAcks],
      holds: [bystandersStand([])],
      ...{ evidence: brokerEvidence(id, scene), disturbs: [], failing: null },
      touches: [
        `Every client of ${name} is cut: workers, beats, applications.`,
        workersTouched(id, scene.model),
        ...(sessions === null ? [] : [`Among them: ${sessions}.`]),
      ],
    };
  },
};
