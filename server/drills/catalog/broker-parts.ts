/** What drills on RabbitMQ have in common. Pure. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { DrillInfo } from '#lib/model/drill.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { missingCount } from '#lib/model/queues.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import {
  brokerAtPeace,
  copiesElsewhere,
  majorityStays,
  redundancyWhole,
  taskQueuesOf,
} from '#server/drills/broker-guards.ts';
import type { Aimed, Drill, Guard, Live, Progress, Scene, Step } from '#server/drills/drill.ts';
import { mayLose } from '#server/drills/forecast-guard.ts';
import { bystandersStand } from '#server/drills/guards.ts';
import { otherServerStands, severalWorkers } from '#server/drills/other-guards.ts';
import { promiseOf, type Stopped, seen, watch } from './kit.ts';
import { serversFor } from './proxy-servers.ts';

/** Broker nodes, the one that leads most queues first. */
export function brokerTargets({ model, now }: Scene): DrillTarget[] {
  const queues = taskQueuesOf(model);
  const ledBy = (id: string) => queues.filter(({ replication }) => replication.leader === id).length;
  return Object.values(model.brokerNodes)
    .toSorted((a, b) => ledBy(b.id) - ledBy(a.id))
    .map(({ id, host }): DrillTarget => {
      const shown = brokerNodeStatus(model.brokerNodes[id] as BrokerNode, model, now);
      const leads = ledBy(id) === 0 ? 'leads no queue' : `leads ${formatCount(ledBy(id), 'queue')}`;
      const carries = servedBy(id, model).length;
      const serves = carries === 0 ? '' : `, serves ${formatCount(carries, 'proxy', 'proxies')}`;
      const role = shown.status === 'ok' ? `${leads}${serves}` : shown.word;
      return { kind: 'brokerNodes', id, name: shortNodeName(id, model), role, host };
    });
}

/** The node of that id; null = it is not there. */
export function brokerNode(target: string, { model }: Scene): BrokerNode | null {
  return (Object.hasOwn(model.brokerNodes, target) ? model.brokerNodes[target] : undefined) ?? null;
}

/** The proxies that send new connections to it now. */
export function servedBy(node: string, model: Model): string[] {
  return serversFor({ kind: 'brokerNodes', id: node }, model)
    .filter(({ backend, server }) => backend.serving.includes(server.name))
    .map(({ proxy }) => proxy.id);
}

/** The readings that a plan about a broker node rests on. */
export function brokerEvidence(node: string, { model }: Scene): string[] {
  const queues = taskQueuesOf(model).map(({ by }) => by);
  const nodes = Object.values(model.brokerNodes).flatMap(({ own }) => own.filter((key) => key.endsWith('/nodes')));
  const proxies = serversFor({ kind: 'brokerNodes', id: node }, model).map(({ proxy }) => proxy.own);
  return [...new Set([...nodes, ...queues, ...proxies])];
}

/** What every drill asks that takes a broker node away. */
function brokerLossGuards(node: string, { model }: Scene): Guard[] {
  const target = { kind: 'brokerNodes', id: node } as const;
  const hasProxies = serversFor(target, model).length > 0;
  return [
    brokerAtPeace,
    redundancyWhole,
    copiesElsewhere(node),
    majorityStays(node),
    ...(hasProxies ? [otherServerStands(target)] : []),
    mayLose(target),
    severalWorkers,
  ];
}

/** A broker node that is taken away; `heirs` = where its load goes, in words. */
export type LostBroker = { id: string; name: string; heirs: string; process: Stopped };

/** A drill that takes a broker node away for a while; `guards` = what it asks besides. */
export function brokerLossDrill(
  info: DrillInfo,
  how: (node: LostBroker, scene: Scene) => Pick<Aimed, 'steps' | 'timeline' | 'warnings' | 'guards' | 'holdsUntil'>,
): Drill {
  return {
    info,
    targets: brokerTargets,
    aim(id, scene) {
      const node = brokerNode(id, scene);
      if (node === null) return null;
      const name = shortNodeName(id, scene.model);
      const heirs = heirsOfNode(id, scene);
      const process = { name, target: { kind: 'brokerNodes', id, host: node.host }, means: scene.means };
      const plan = how({ id, name, heirs, process }, scene);
      const failing = { kind: 'brokerNodes', id } as const;
      return {
        ...plan,
        hypothesis: promiseOf(info, heirs),
        guards: [...brokerLossGuards(id, scene), ...plan.guards],
        holds: [bystandersStand([failing])],
        ...{ evidence: brokerEvidence(id, scene), disturbs: [failing], failing },
      };
    },
  };
}

/** Where the load goes, in words. */
export function heirsOfNode(node: string, { model }: Scene): string {
  const others = Object.keys(model.brokerNodes).filter((id) => id !== node);
  return others.map((id) => shortNodeName(id, model)).join(' or ');
}

/** Waits until the other nodes lead every queue of tasks. */
export function ledElsewhere(node: string, limitMs: number): Step {
  return watch({
    ...{ id: 'led-elsewhere', title: 'Other nodes lead its queues', limitMs },
    check: ({ model, now }) => {
      const queues = taskQueuesOf(model);
      const left = queues.filter(({ replication: { leader } }) => leader === node || leader === null);
      const isTold = queues.every(({ by }) => isCurrent(model.readings[by], now));
      const text = `${formatCount(left.length, 'queue')} still without another leader.`;
      return seen(isTold && left.length === 0, 'Every queue of tasks is led by another node.', text);
    },
  });
}

/** Waits until the node runs again, in the word of all, and answers itself. */
export function runsAgain(node: string, name: string, limitMs: number): Step {
  return watch({
    ...{ id: 'runs-again', title: `${name} is back in the cluster`, limitMs },
    check: (live) => isBack(node, name, live),
  });
}

/** Whether the node runs, in the word of all, and answers itself; and what it does instead. */
export function isBack(node: string, name: string, { model, now }: Pick<Live, 'model' | 'now'>): Progress {
  const one = model.brokerNodes[node];
  if (one === undefined) return { done: false, says: `${name} is not seen.` };
  const running = settle(one.running, model.readings, now);
  const answers = one.own.some((key) => isCurrent(model.readings[key], now));
  const shown = brokerNodeStatus(one, model, now);
  const done = running.value === true && running.agreement !== 'majority' && answers && shown.status === 'ok';
  return seen(done, `${name} runs.`, `${name}: ${shown.word}.`);
}

/** Waits until no queue of tasks lacks a copy. */
export function copiesWhole(limitMs: number): Step {
  return watch({
    ...{ id: 'copies', title: 'Every copy is in sync again', limitMs },
    check: ({ model, now }) => {
      const queues = taskQueuesOf(model);
      const isTold = queues.every(({ by }) => isCurrent(model.readings[by], now));
      const short = queues.filter(
        ({ replication }) => (missingCount(replication) ?? 1) > 0 && replication.kind !== 'none',
      );
      return seen(
        isTold && short.length === 0,
        'Redundancy is whole.',
        `${formatCount(short.length, 'queue')} still lacks a copy.`,
      );
    },
  });
}

/** Waits until as many workers consume as before. */
export function workersConsume(scene: Pick<Scene, 'model'>, limitMs: number): Step {
  const before = Object.values(scene.model.workers)
    .filter(({ goneSince, queues }) => goneSince === null && (queues?.length ?? 0) > 0)
    .map(({ id }) => id);
  return watch({
    ...{ id: 'workers', title: 'The workers consume again', limitMs },
    check: ({ model, now }) => {
      const away = before.filter((id) => {
        const worker = model.workers[id];
        const isThere = worker !== undefined && worker.goneSince === null && isCurrent(model.readings[worker.by], now);
        return !isThere || (worker.queues?.length ?? 0) === 0;
      });
      return seen(
        away.length === 0,
        `${formatCount(before.length, 'worker')} consume.`,
        `Not yet: ${away.join(', ')}.`,
      );
    },
  });
}
