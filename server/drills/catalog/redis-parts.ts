/** What drills on a Redis service have in common. Pure. */

import type { DrillTarget } from '#lib/contract/drills.ts';
import { orList } from '#lib/format/list.ts';
import { settle } from '#lib/model/claims.ts';
import type { DrillInfo } from '#lib/model/drill.ts';
import { nodesOf, ownRole, selfMasters } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import type { RedisNode, RedisService, Sentinel } from '#lib/model/redis.ts';
import type { Subject } from '#lib/model/transition.ts';
import type { Call, TakenOver } from '#server/drills/calls.ts';
import type { Aimed, Drill, Guard, Live, Progress, Scene, Step } from '#server/drills/drill.ts';
import { noSentinelRests } from '#server/drills/failover-guard.ts';
import { mayLose } from '#server/drills/forecast-guard.ts';
import { bystandersStand } from '#server/drills/guards.ts';
import {
  candidates,
  heirsInService,
  noFailoverUnderWay,
  oneMaster,
  proxiesOnMaster,
  replicaInSync,
  restartKeepsData,
  sentinelsOf,
  sentinelsReady,
  undisputedMaster,
} from '#server/drills/redis-guards.ts';
import { promiseOf, type Stop, type Stopped, seen, watch } from './kit.ts';
import { type ProxyPlace, serversFor } from './proxy-servers.ts';

/** Redis's own `replica-priority` unless it is set. */
const USUAL_PRIORITY = 100;

/** A Redis service as a drill finds it. */
export type RedisScene = {
  service: RedisService;
  master: RedisNode;
  /** Everybody else of the service. */
  others: readonly RedisNode[];
  /** Those that may be promoted, the likeliest first. */
  heirs: readonly RedisNode[];
  sentinels: readonly Sentinel[];
  /** Where the proxies know the master. */
  places: readonly ProxyPlace[];
  evidence: readonly string[];
  /** All nodes of the service. */
  disturbs: readonly Subject[];
};

/** Redis services, by their masters. */
export function redisTargets({ model, now }: Scene): DrillTarget[] {
  return Object.values(model.redisServices).map((service) => {
    const master = undisputedMaster(service, model, now);
    const role = master === null ? 'no agreed master' : `master: ${master.name}`;
    return { kind: 'redisServices', id: service.id, name: service.id, role, host: master?.host ?? null };
  });
}

/** The service; null = it is not there, or nobody can tell who its master is. */
export function redisScene(target: string, { model, now }: Scene): RedisScene | null {
  const service = Object.hasOwn(model.redisServices, target) ? model.redisServices[target] : undefined;
  const master = service === undefined ? null : redisMaster(service, model, now);
  if (service === undefined || master === null) return null;
  const nodes = nodesOf(service, model);
  const sentinels = sentinelsOf(service, model);
  const places = nodes.flatMap((node) => serversFor({ kind: 'redisNodes', id: node.id }, model));
  return {
    ...{ service, master, sentinels },
    others: nodes.filter((node) => node !== master),
    heirs: candidates(service, master, model, now).sort(likelier),
    places: serversFor({ kind: 'redisNodes', id: master.id }, model),
    evidence: [
      ...new Set([
        ...nodes.flatMap(({ own }) => own ?? []),
        ...sentinels.map(({ own }) => own),
        ...places.map(({ proxy }) => proxy.own),
      ]),
    ],
    disturbs: nodes.map(({ id }) => ({ kind: 'redisNodes', id })),
  };
}

/** The one that the Sentinels name, or that calls itself master: a guard refuses where they differ. */
export function redisMaster(service: RedisService, model: Model, now: number): RedisNode | null {
  const said = settle(service.master, model.readings, now).value;
  return (
    (said === null ? undefined : model.redisNodes[`${service.id}/${said}`]) ??
    selfMasters(service, model, now)[0] ??
    null
  );
}

/** As a Sentinel chooses, by the lowest priority. Then it takes who has most, which changes all the time. */
function likelier(a: RedisNode, b: RedisNode): number {
  return (a.priority ?? USUAL_PRIORITY) - (b.priority ?? USUAL_PRIORITY);
}

/** Who takes over, as far as can be told: `redis@host-1 or redis@host-3`. */
export function heirNames({ heirs }: RedisScene): string {
  const [first] = heirs;
  const even = heirs.filter((one) => first !== undefined && likelier(first, one) === 0);
  return even.length === 0 ? 'nobody' : orList(even.map(({ name }) => name));
}

/** What every drill that moves the master asks, and one that kills it. */
function redisGuards({ service, master, heirs }: RedisScene, steps: readonly Step[]): Guard[] {
  return [
    oneMaster(service),
    sentinelsReady(service),
    noFailoverUnderWay(service),
    noSentinelRests(service),
    replicaInSync(service),
    proxiesOnMaster(service),
    heirsInService(heirs),
    mayLose({ kind: 'redisNodes', id: master.id }),
    ...(kills(steps) ? [restartKeepsData(master)] : []),
  ];
}

function kills(steps: readonly Step[]): boolean {
  return steps.some(({ calls }) =>
    calls({})
      .flat()
      .some((call) => call.verb === 'executor.run' && call.does === 'kill'),
  );
}

/** What one drill does to the service; `guards` = what it asks besides. */
export type RedisPlan = Pick<Aimed, 'steps' | 'timeline' | 'warnings'> & { guards?: readonly Guard[] };

/** A drill that moves the master of a Redis service. */
export function redisDrill(info: DrillInfo, how: (redis: RedisScene, scene: Scene) => RedisPlan): Drill {
  return {
    info,
    targets: redisTargets,
    aim(target, scene) {
      const redis = redisScene(target, scene);
      if (redis === null) return null;
      const { guards = [], ...plan } = how(redis, scene);
      const { master, evidence, disturbs } = redis;
      return {
        ...plan,
        hypothesis: promiseOf(info, heirNames(redis)),
        guards: [...redisGuards(redis, plan.steps), ...guards],
        holds: [bystandersStand(disturbs)],
        ...{ evidence, disturbs, failing: { kind: 'redisNodes', id: master.id } },
      };
    },
  };
}

/** The master's process, as commands of the configuration know it. */
export function masterProcess({ master }: RedisScene, { means }: Scene): Stopped {
  return { name: master.name, target: { kind: 'redisNodes', id: master.id, host: master.host }, means };
}

/** The master stops: the Sentinels replace it, and it comes back to follow. `followed` = what clients meet then. */
export function masterStops(
  redis: RedisScene,
  { fault, back, guard }: Stop,
  followed: string,
): Required<Omit<RedisPlan, 'warnings'>> {
  const detectMs = detectMsOf(redis);
  return {
    steps: [
      { ...fault, undo: (facts) => fault.undo(facts).map((call) => startedAfter(call, [takenOver(redis)])) },
      // What was only frozen can be resumed as master until there is another one.
      { ...promoted(redis, detectMs + 30_000), isPointOfNoReturn: fault.isPointOfNoReturn !== true },
      proxiesFollow(redis, 30_000),
      back,
      oldFollows(redis, 60_000),
    ],
    timeline: [
      { afterMs: detectMs, text: 'The Sentinels call the master down.' },
      { afterMs: detectMs + 2_000, text: `${heirNames(redis)} is master.` },
      { afterMs: detectMs + 3_000, text: followed },
    ],
    guards: [guard],
  };
}

function detectMsOf({ service }: Pick<RedisScene, 'service'>): number {
  return service.downAfterMs ?? 30_000;
}

/** A master that has stopped, and what must be before it is started again out of turn. */
export function takenOver(redis: Pick<RedisScene, 'service' | 'master' | 'others'>): TakenOver {
  const { master, others } = redis;
  return {
    ...{ name: master.name, candidates: others.map(({ address }) => address) },
    ...{ waitMs: detectMsOf(redis) + 30_000, keepsData: master.appendOnly === true },
  };
}

/** The same call, which starts nothing before somebody else is master. */
export function startedAfter(call: Call, after: readonly TakenOver[]): Call {
  return call.verb === 'executor.run' && call.does === 'start' && after.length > 0 ? { ...call, after } : call;
}

/** Orders the failover, at a Sentinel that is not on the master's own host where there is one. */
export function failoverCall({ service, sentinels, master }: RedisScene): Call {
  const sentinel = sentinels.find(({ host }) => host !== master.host) ?? sentinels[0];
  return {
    ...{ verb: 'redis.failover', sentinel: sentinel?.id ?? '', service: service.id },
    masterName: service.masterName,
  };
}

/** Whom all Sentinels that answer name, if it is not the old master. */
export function newMaster(
  { service, master }: RedisScene,
  { model, now }: Pick<Live, 'model' | 'now'>,
): RedisNode | null {
  const live = model.redisServices[service.id];
  if (live === undefined) return null;
  const said = settle(live.master, model.readings, now);
  const node =
    said.value === null || said.agreement === 'majority' ? undefined : model.redisNodes[`${service.id}/${said.value}`];
  return node === undefined || node.id === master.id || ownRole(node, model, now) !== 'master' ? null : node;
}

/** Waits until the Sentinels have made another node the master. */
export function promoted(scene: RedisScene, limitMs: number): Step {
  return watch({
    ...{ id: 'promoted', title: 'A replica becomes the master', limitMs },
    check: (live) => {
      const winner = newMaster(scene, live);
      if (winner === null) return { done: false, says: 'No other master yet.' };
      return { done: true, says: `${winner.name} is master.`, learned: { winner: winner.id, tookOver: winner.name } };
    },
  });
}

/** Waits until every proxy sends results to the new master alone. */
export function proxiesFollow(scene: RedisScene, limitMs: number): Step {
  const proxies = [...new Set(scene.places.map(({ proxy }) => proxy.id))];
  return watch({
    ...{ id: 'proxies-follow', title: 'Every proxy sends results to the new master', limitMs },
    check: ({ model, facts }) => {
      const late = proxies.filter((id) => !servesOnly(id, scene, facts.winner, model));
      return seen(late.length === 0, 'Every proxy follows.', `Not yet: ${late.join(', ')}.`);
    },
  });
}

function servesOnly(proxy: string, { service }: RedisScene, winner: string | undefined, model: Model): boolean {
  const backends = model.proxies[proxy]?.backends.filter(({ servers }) =>
    servers.some(({ target }) => target?.id.startsWith(`${service.id}/`) === true),
  );
  return (backends ?? []).every(({ servers, serving }) => {
    const on = servers.filter(({ name }) => serving.includes(name));
    return on.length === 1 && on[0]?.target?.id === winner;
  });
}

/** Waits until there is one master and the old one follows it. */
export function oldFollows(scene: RedisScene, limitMs: number): Step {
  return watch({
    ...{ id: 'old-follows', title: `${scene.master.name} follows the new master`, limitMs },
    check: (live) => oldFollowsNow(scene, live),
  });
}

/** Whether the old master is a replica of the new one. */
export function oldFollowsNow(scene: RedisScene, live: Live): Progress {
  const { model, now } = live;
  const { service, master } = scene;
  const masters = selfMasters(service, model, now);
  const old = model.redisNodes[master.id];
  if (masters.length > 1)
    return { done: false, says: `${masters.map(({ name }) => name).join(' and ')} are both master.` };
  if (old === undefined || ownRole(old, model, now) !== 'replica')
    return { done: false, says: `${master.name} is no replica yet.` };
  const winner = newMaster(scene, live);
  const follows = old.linkUp === true && winner !== null && old.masterAddress === winner.address;
  return seen(follows, `${master.name} follows ${winner?.name}.`, `${master.name} is not in sync yet.`);
}
