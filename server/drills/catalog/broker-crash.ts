/** broker-crash: a broker node's process is killed. */
import { shortNodeName } from '#lib/format/names.ts';
import type { DrillInfo } from '#lib/model/drill.ts';
import type { Drill, Scene } from '#server/drills/drill.ts';
import { bystandersStand, commandsFor } from '#server/drills/guards.ts';
import { lateAcks } from '#server/drills/other-guards.ts';
import {
  brokerEvidence,
  brokerLossGuards,
  brokerNode,
  brokerTargets,
  copiesWhole,
  heirsOfNode,
  ledElsewhere,
  runsAgain,
  workersConsume,
} from './broker-parts.ts';
import { command, promise, promiseOf } from './kit.ts';

const info: DrillInfo = {
  ...{ id: 'broker-crash', title: 'Kill a broker node', risk: 'forced', targetKind: 'brokerNodes' },
  proves: 'The queues go on from their copies, and every task that was confirmed runs.',
  needsExecutor: true,
  hypothesis: promise('the nodes with a copy in sync', {
    ...{ lost: 0, resultsLost: 0, repeated: 5 },
    because: 'What was being worked on comes again where workers acknowledge late.',
    outageMs: { publish: 6_000, execute: 10_000, result: 10_000 },
  }),
};

/** The drill. */
export const brokerCrash: Drill = {
  info,
  targets: brokerTargets,
  aim(id: string, scene: Scene) {
    const node = brokerNode(id, scene);
    if (node === null) return null;
    const name = shortNodeName(id, scene.model);
    const process = { kind: 'brokerNodes', id, host: node.host };
    const start = command('start', process, scene.means);
    const disturbs = [{ kind: 'brokerNodes', id } as const];
    return {
      hypothesis: promiseOf(info, heirsOfNode(id, scene)),
      steps: [
        {
          ...{ id: 'kill', title: `Kill ${name}`, limitMs: 15_000, isFault: true, isPointOfNoReturn: true },
          calls: () => [[command('kill', process, scene.means)]],
          undo: () => [start],
        },
        ledElsewhere(id, 60_000),
        workersConsume(scene, 90_000),
        {
          ...{ id: 'start', title: `Start ${name} again`, limitMs: 120_000 },
          calls: () => [[start]],
          undo: () => [],
        },
        runsAgain(id, name, 120_000),
        copiesWhole(180_000),
      ],
      timeline: [
        { afterMs: 100, text: 'Connections to the node are reset.' },
        { afterMs: 3_000, text: `The proxies send to ${heirsOfNode(id, scene)}; publishing goes on.` },
        { afterMs: 6_200, text: 'Workers execute again.' },
      ],
      warnings: ['Publishers without confirms lose what was on its way (measured: 1 of 500).'],
      guards: [...brokerLossGuards(id, scene), commandsFor(['kill', 'start'], process), lateAcks],
      holds: [bystandersStand(disturbs)],
      ...{ evidence: brokerEvidence(id, scene), disturbs, failing: { kind: 'brokerNodes', id } },
    };
  },
};
