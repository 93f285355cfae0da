/** host-crash: everything on one host is killed at once. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { settle } from '#lib/model/claims.ts';
import { DRILL_RISK, type DrillInfo } from '#lib/model/drill.ts';
import {
  brokerAtPeace,
  copiesElsewhere,
  majorityStays,
  redundancyWhole,
  taskQueuesOf,
} from '#server/drills/broker-guards.ts';
import type { Drill, Guard, Scene, Step } from '#server/drills/drill.ts';
import { noSentinelRests } from '#server/drills/failover-guard.ts';
import { mayLose } from '#server/drills/forecast-guard.ts';
import { bystandersStand, commandsFor } from '#server/drills/guards.ts';
import { consulTolerates, lateAcks, nothingTakenOut, standbyWaits } from '#server/drills/other-guards.ts';
import { candidates, heirsInService, restartKeepsData } from '#server/drills/redis-guards.ts';
import { estateOf, type Process } from '#server/model/forecast/loss.ts';
import { locksLostWith, withSchedule } from './beat-parts.ts';
import { copiesWhole, workersConsume } from './broker-parts.ts';
import { command, promise, promiseOf, seen, watch } from './kit.ts';
import { redisMaster, redisScene, startedAfter, takenOver } from './redis-parts.ts';

const info: DrillInfo = {
  ...{ id: 'host-crash', title: 'Lose a host', risk: DRILL_RISK['host-crash'], targetKind: 'hosts' },
  proves: 'You can lose this host: everything that it does is taken over.',
  needsExecutor: true,
  hypothesis: promise('the other hosts', {
    ...{ lost: 0 },
    because: 'Results of the last moments are lost where the master of Redis goes with the host.',
    outageMs: { publish: 15_000, execute: 30_000, result: 30_000 },
  }),
};

/** The drill. */
export const hostCrash: Drill = { info, targets, aim };

function targets({ model, now }: Scene): DrillTarget[] {
  const { processes } = estateOf(model, now);
  return Object.values(model.hosts).map(({ id }): DrillTarget => {
    const carried = processes.filter(({ host }) => host === id).map(({ name }) => name);
    return { kind: 'hosts', id, name: id, role: carried.join(', '), host: id };
  });
}

function aim(id: string, scene: Scene): ReturnType<Drill['aim']> {
  if (!Object.hasOwn(scene.model.hosts, id)) return null;
  const { model, now, means } = scene;
  const carried = estateOf(model, now).processes.filter(({ host }) => host === id);
  const process = { kind: 'hosts', id, host: id };
  const start = command('start', process, means);
  const masters = Object.values(model.redisServices).flatMap((service) => {
    const redis = redisScene(service.id, scene);
    return redis !== null && redis.master.host === id ? [takenOver(redis)] : [];
  });
  const disturbs = [{ kind: 'hosts', id } as const];
  const others = Object.keys(model.hosts).filter((other) => other !== id);
  return {
    hypothesis: withSchedule(
      promiseOf(info, others.join(' and ') || 'nobody'),
      locksLostWith({ kind: 'hosts', id }, model),
    ),
    steps: [
      {
        ...{ id: 'kill', title: `Kill everything on ${id}`, limitMs: 30_000, isFault: true, isPointOfNoReturn: true },
        calls: () => [[command('kill', process, means)]],
        undo: () => [startedAfter(start, masters)],
      },
      allTakenOver(carried, scene),
      {
        ...{ id: 'start', title: `Start ${id} again`, limitMs: 300_000 },
        calls: () => [[start]],
        ...{ undo: () => [], settles: ['kill'] },
      },
      standsAgain(id, carried),
      workersConsume(scene, 180_000),
      copiesWhole(300_000),
    ],
    timeline: [
      { afterMs: 0, text: `${carried.map(({ name }) => name).join(', ')} are gone.` },
      { afterMs: 5_000, text: 'Another master of Redis, another leader of Consul, other leaders of queues.' },
      { afterMs: 30_000, text: 'A standby beat has the lock at the latest after its session expired.' },
    ],
    warnings: ['Everything on the host dies at once, whatever else runs there.'],
    guards: [
      ...hostGuards(id, carried, scene),
      mayLose({ kind: 'hosts', id }),
      lateAcks,
      commandsFor(['kill', 'start'], process),
    ],
    holds: [bystandersStand(disturbs)],
    evidence: [...new Set(carried.flatMap(({ by }) => by))].filter((key) => !key.endsWith('/amqp')),
    ...{ disturbs, failing: { kind: 'hosts', id } },
  };
}

/** The guards of what stands on the host. */
function hostGuards(id: string, carried: readonly Process[], { model, now }: Scene): Guard[] {
  const brokers = carried.filter(({ kind }) => kind === 'brokerNodes');
  const holds = Object.values(model.locks).filter(({ holder }) => holder?.host === id);
  const proxies = carried.filter(({ kind }) => kind === 'proxies').map((proxy) => proxy.id);
  const mastered = Object.values(model.redisServices).flatMap((service) => {
    const master = redisMaster(service, model, now);
    return master?.host === id ? [{ service, master }] : [];
  });
  const hasConsul = carried.some(({ kind }) => kind === 'consulServers');
  return [
    ...(brokers.length > 0 ? [brokerAtPeace, redundancyWhole] : []),
    ...brokers.flatMap((broker) => [copiesElsewhere(broker.id), majorityStays(broker.id)]),
    ...(hasConsul ? [consulTolerates] : []),
    ...holds.map((lock) => standbyWaits(lock)),
    ...(proxies.length > 0 ? [nothingTakenOut(proxies)] : []),
    ...mastered.flatMap(({ service, master }) => [
      noSentinelRests(service),
      heirsInService(candidates(service, master, model, now).filter(({ host }) => host !== id)),
      restartKeepsData(master),
    ]),
  ];
}

/** Waits until nothing that somebody must do is still the host's. */
function allTakenOver(carried: readonly Process[], { model: before }: Scene): Step {
  const ids = new Set(carried.map(({ id }) => id));
  return watch({
    ...{ id: 'taken-over', title: 'Others do what it did', limitMs: 120_000 },
    check: ({ model, now }) => {
      const missing = [
        ...Object.values(model.redisServices).flatMap(({ id, master }) => {
          const said = settle(master, model.readings, now).value;
          return said === null || ids.has(`${id}/${said}`) ? [`master of Redis ${id}`] : [];
        }),
        // The remote control of a worker that died with the host may stay without a leader until it is started again.
        ...taskQueuesOf(model).flatMap(({ name, replication: { leader, kind } }) =>
          kind !== 'none' && (leader === null || ids.has(leader)) ? [`leader of ${name}`] : [],
        ),
        ...Object.values(model.locks).flatMap(({ id, holder }) =>
          before.locks[id]?.holder != null &&
          (holder === null || holder.session === before.locks[id]?.holder?.session) &&
          isOn(before.locks[id]?.holder?.host ?? null, carried)
            ? [`holder of lock ${id}`]
            : [],
        ),
      ];
      return seen(missing.length === 0, 'Everything is taken over.', `Not yet: ${missing.slice(0, 3).join(', ')}.`);
    },
  });
}

function isOn(host: string | null, carried: readonly Process[]): boolean {
  return host !== null && carried.some((one) => one.host === host);
}

function standsAgain(id: string, carried: readonly Process[]): Step {
  return watch({
    ...{ id: 'stands', title: `Everything on ${id} stands again`, limitMs: 300_000 },
    check: ({ model, now }) => {
      const { process } = estateOf(model, now);
      const left = carried.filter(
        (one) => one.standing === 'alive' && one.kind !== 'beats' && process(one.kind, one.id).standing !== 'alive',
      );
      return seen(left.length === 0, 'Everything stands.', `Not yet: ${left.map(({ name }) => name).join(', ')}.`);
    },
  });
}
