/** broker-hang: a broker node is frozen: its port stays open, and nothing is behind it. */
import { settle } from '#lib/model/claims.ts';
import type { DrillInfo } from '#lib/model/drill.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { checkSeesHang } from '#server/drills/broker-guards.ts';
import type { Step } from '#server/drills/drill.ts';
import { brokerLossDrill, copiesWhole, runsAgain, workersConsume } from './broker-parts.ts';
import { frozen, promise, seen, watch } from './kit.ts';

/** RabbitMQ declares a silent node dead after its net tick of a minute and a quarter of it. */
const NET_TICK_LIMIT_MS = 80_000;

const info: DrillInfo = {
  ...{ id: 'broker-hang', title: 'Freeze a broker node', risk: 'forced', targetKind: 'brokerNodes' },
  proves: 'Somebody notices a broker that hangs, and how long tasks stand still until then.',
  needsExecutor: true,
  hypothesis: promise('the nodes with a copy in sync', {
    ...{ lost: 0, resultsLost: 0 },
    because: 'Tasks stand still until RabbitMQ’s net tick declares the node dead, or it is resumed.',
    outageMs: { publish: 90_000, execute: 90_000, result: 90_000 },
  }),
};

/** The drill. */
export const brokerHang = brokerLossDrill(info, ({ id, name, process }, scene) => {
  const { fault, back, guard } = frozen(process);
  return {
    steps: [
      fault,
      noticed(id, name),
      declaredDead(id, name),
      back,
      runsAgain(id, name, 180_000),
      workersConsume(scene, 90_000),
      copiesWhole(180_000),
    ],
    timeline: [
      { afterMs: 8_000, text: 'A check on the level of AMQP marks it down; a TCP check never does.' },
      { afterMs: 10_000, text: 'Trellis says that it hangs.' },
      { afterMs: 74_000, text: 'RabbitMQ’s net tick declares it dead: the queues that it led go on elsewhere.' },
    ],
    warnings: ['Measured: with a TCP check execution stood still for 265 s, until the node was resumed.'],
    guards: [checkSeesHang, guard],
  };
});

function noticed(id: string, name: string): Step {
  return watch({
    ...{ id: 'noticed', title: 'Trellis notices that it hangs', limitMs: 30_000, isPatient: true },
    check: ({ model, now }) => {
      const node = model.brokerNodes[id];
      const shown = node === undefined ? null : brokerNodeStatus(node, model, now);
      return seen(shown?.status === 'down', `${name}: ${shown?.word}.`, `${name}: ${shown?.word ?? 'not seen'}.`);
    },
  });
}

function declaredDead(id: string, name: string): Step {
  return watch({
    ...{ id: 'declared-dead', title: 'Its peers declare it dead', limitMs: NET_TICK_LIMIT_MS },
    // What was only frozen can be resumed as leader until then.
    ...{ isPatient: true, isPointOfNoReturn: true },
    check: ({ model, now }) => {
      const running = settle(model.brokerNodes[id]?.running ?? [], model.readings, now);
      return seen(
        running.value === false,
        `The other nodes say that ${name} is down.`,
        `The other nodes still call ${name} running.`,
      );
    },
  });
}
