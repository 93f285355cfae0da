/** broker-hang: a broker node is frozen: its port stays open, and nothing is behind it. */
import { shortNodeName } from '#lib/format/names.ts';
import { settle } from '#lib/model/claims.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import { checkSeesHang, cutOffFrom } from '#server/drills/broker-guards.ts';
import type { Call } from '#server/drills/calls.ts';
import type { Facts, Step } from '#server/drills/drill.ts';
import { commandsFor, mayActOnBroker } from '#server/drills/guards.ts';
import { brokerLossDrill, copiesWhole, isBack, runsAgain, workersConsume } from './broker-parts.ts';
import { command, frozen, held, promise, seen, watch } from './kit.ts';

/** RabbitMQ declares a silent node dead after its net tick of a minute and a quarter of it. */
const NET_TICK_LIMIT_MS = 85_000;
/** Its peers miss it at different moments: all of them have done so for this long before it goes on. */
const ALL_KNOW_MS = 5_000;
/** What nodes say of each other is right some seconds after they met again. */
const SETTLED_MS = 10_000;
/** The fact that it came back, and its peers do not take it back. */
const CUT_OFF = 'cutOff';
/** A node that is taken back answers within seconds. */
const RETURN_LIMIT_MS = 45_000;

const info: DrillInfo = {
  ...{ id: 'broker-hang', title: 'Freeze a broker node', risk: DRILL_RISK['broker-hang'], targetKind: 'brokerNodes' },
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
  const [kill, start] = [
    command('kill', process.target, process.means),
    command('start', process.target, process.means),
  ];
  const restart = [kill, start];
  return {
    steps: [
      {
        ...fault,
        undo: (facts) => [...fault.undo(facts), { verb: 'executor.restart-if-cut-off', node: id, kill, start }],
      },
      noticed(id, name),
      declaredDead(id, name),
      // Resumed for too long it may be cut off from its peers: that it must be restarted is settled when it runs again.
      { ...back, settles: [] },
      returned(id, name),
      restarted(name, restart),
      { ...runsAgain(id, name, 180_000), settles: ['freeze'] },
      workersConsume(scene, 90_000),
      copiesWhole(180_000),
    ],
    timeline: [
      { afterMs: 8_000, text: 'A check on the level of AMQP marks it down; a TCP check never does.' },
      { afterMs: 10_000, text: 'Trellis says that it hangs.' },
      { afterMs: 74_000, text: 'RabbitMQ’s net tick declares it dead: the queues that it led go on elsewhere.' },
    ],
    warnings: [
      'Measured: with a TCP check execution stood still for 265 s, until the node was resumed.',
      `Frozen for longer than the net tick, ${name} may come back cut off from its peers or not at all, even with pause_minority: it is restarted then.`,
      'With pause_minority another node may pause, too, for some seconds: nodes miss each other at different moments. Resumed (aborted) when the first has given it up and the last has not, 60 to 75 s after the freeze, tasks were lost.',
      'What runs a second time at a worker that is cut off, and tells nobody, is not counted as repeated: its result looks like one that Celery stored twice. Measured: one or two canaries in one run of ten.',
      'Measured with RabbitMQ 3.10: a mirrored queue can break meanwhile ("has crashed and failed to restart"). What it held is lost, and Celery’s workers end when they are told so: have them started again.',
    ],
    holdsUntil: back.id,
    guards: [mayActOnBroker, checkSeesHang, guard, commandsFor(['kill', 'start'], process.target)],
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
    // What was only frozen can be resumed as leader until then; afterwards a resumed node may be cut off.
    ...{ isPatient: true, isPointOfNoReturn: true },
    check: ({ model, now, facts }) => {
      // A peer that still waits for it may not answer either: it knows of nothing yet, and its silence is no word for it.
      const { current } = settle(model.brokerNodes[id]?.running ?? [], model.readings, now);
      const unaware = Object.values(model.brokerNodes)
        .filter((peer) => peer.id !== id && !current.some(({ by, value }) => peer.own.includes(by) && !value))
        .map((peer) => shortNodeName(peer.id, model));
      const waiting = `Not yet said by ${unaware.join(' and ')} that ${name} is down.`;
      // Measured: resumed while one of them has not missed it yet, two nodes pause at once, and mirrored queues break.
      return held(
        'dead',
        ALL_KNOW_MS,
        { now, facts },
        seen(unaware.length === 0, `Every other node says that ${name} is down.`, waiting),
      );
    },
  });
}

/** RabbitMQ's partition handling knows nothing of a node that was suspended: it may come back, and believe that the others were gone. */
function returned(id: string, name: string): Step {
  return watch({
    ...{ id: 'returned', title: `${name} and its peers see each other`, limitMs: 60_000, isPatient: true },
    check: ({ model, now, startedAt, facts }) => {
      if (Object.values(model.brokerNodes).some((node) => cutOffFrom(node, { model, now }) !== null))
        return { done: true, says: `${name} came back cut off from its peers.`, learned: { [CUT_OFF]: 'yes' } };
      const { done, says } = isBack(id, name, { model, now });
      // A node that sees a partition stops itself, and may get stuck in that: its peers go on calling it running.
      if (!done && now - startedAt >= RETURN_LIMIT_MS)
        return { done: true, says: `${name} does not come back by itself.`, learned: { [CUT_OFF]: 'yes' } };
      return held('back', SETTLED_MS, { now, facts }, seen(done, says, says));
    },
  });
}

function restarted(name: string, restart: readonly Call[]): Step {
  const ifCutOff = (facts: Facts, calls: readonly Call[]) => (facts[CUT_OFF] === 'yes' ? calls : []);
  return {
    ...{ id: 'restart', title: `Restart ${name}, if it came back cut off or not at all`, limitMs: 60_000 },
    calls: (facts) => [ifCutOff(facts, restart)],
    undo: () => [], // what takes the freeze back looks whether it must be restarted
  };
}
