/** broker-crash: a broker node's process is killed. */
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { lateAcks } from '#server/drills/other-guards.ts';
import { brokerLossDrill, copiesWhole, ledElsewhere, runsAgain, workersConsume } from './broker-parts.ts';
import { killed, promise } from './kit.ts';

const info: DrillInfo = {
  ...{ id: 'broker-crash', title: 'Kill a broker node', risk: DRILL_RISK['broker-crash'], targetKind: 'brokerNodes' },
  proves: 'The queues go on from their copies, and every task that was confirmed runs.',
  needsExecutor: true,
  hypothesis: promise('the nodes with a copy in sync', {
    ...{ lost: 0, resultsLost: 0, repeated: 5 },
    because: 'What was being worked on comes again where workers acknowledge late.',
    outageMs: { publish: 6_000, execute: 10_000, result: 10_000 },
  }),
};

/** The drill. */
export const brokerCrash = brokerLossDrill(info, ({ id, name, heirs, process }, scene) => {
  const { fault, back, guard } = killed(process, { killMs: 15_000, startMs: 120_000 });
  return {
    steps: [
      fault,
      ledElsewhere(id, 60_000),
      workersConsume(scene, 90_000),
      back,
      runsAgain(id, name, 120_000),
      copiesWhole(180_000),
    ],
    timeline: [
      { afterMs: 100, text: 'Connections to the node are reset.' },
      { afterMs: 3_000, text: `The proxies send to ${heirs}; publishing goes on.` },
      { afterMs: 6_200, text: 'Workers execute again.' },
    ],
    warnings: ['Publishers without confirms lose what was on its way (measured: 1 of 500).'],
    guards: [guard, lateAcks],
  };
});
