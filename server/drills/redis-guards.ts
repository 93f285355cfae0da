/** Guards of drills that move the master of a Redis service. Pure. */
import { andList, orList, someOf } from '#lib/format/list.ts';
import { redisName } from '#lib/format/names.ts';
import { formatBytes } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { lagBytes } from '#lib/model/lag.ts';
import { nodesOf, ownRole, selfMasters } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import type { RedisNode, RedisService, Sentinel } from '#lib/model/redis.ts';
import { serversFor } from './catalog/proxy-servers.ts';
import type { Guard } from './drill.ts';
import { checked, evidenceOf } from './guards.ts';

/** A replica that is behind by more would lose what it has not got. */
const IN_SYNC_BYTES = 100_000;

/** The Sentinels that watch a service. */
export function sentinelsOf({ id }: Pick<RedisService, 'id'>, model: Model): Sentinel[] {
  return Object.values(model.sentinels).filter(({ views }) => views.some(({ service }) => service === id));
}

/** The master, where all Sentinels and the nodes themselves agree on it; null = disputed or not told. */
export function undisputedMaster(service: RedisService, model: Model, now: number): RedisNode | null {
  const said = settle(service.master, model.readings, now);
  const [own, ...others] = selfMasters(service, model, now);
  if (own === undefined || others.length > 0 || said.agreement === 'majority') return null;
  return own.address === said.value ? own : null;
}

/** Replicas that a Sentinel would promote now. */
export function candidates(service: RedisService, master: RedisNode, model: Model, now: number): RedisNode[] {
  return nodesOf(service, model).filter(
    (node) =>
      node !== master &&
      node.priority !== 0 &&
      ownRole(node, model, now) === 'replica' &&
      node.linkUp === true &&
      node.masterAddress === master.address &&
      settle(node.up, model.readings, now).value !== false,
  );
}

/** Exactly one master, and everybody names the same. */
export function oneMaster(service: RedisService): Guard {
  return ({ model, now }) => {
    const told = evidenceOf(
      service.master.map(({ by }) => by),
      { model, now },
    );
    const masters = selfMasters(service, model, now);
    const said = settle(service.master, model.readings, now);
    if (masters.length > 1)
      return checked(
        'one-master',
        'block',
        `${someOf(masters.map(({ name }) => name))} all call themselves master.`,
        told,
      );
    const master = undisputedMaster(service, model, now);
    if (master !== null) return checked('one-master', 'pass', `${master.name} is master, and everybody says so.`, told);
    const names = [...new Set(said.current.map(({ value }) => redisName(value, service.id, model)))];
    const text = names.length > 1 ? `The Sentinels name ${orList(names)}.` : 'Who is master is not agreed.';
    return checked('one-master', 'block', text, told);
  };
}

/** Every Sentinel answers, acts and sees a quorum. */
export function sentinelsReady(service: RedisService): Guard {
  return ({ model, now }) => {
    const sentinels = sentinelsOf(service, model);
    const told = evidenceOf(
      sentinels.map(({ own }) => own),
      { model, now },
    );
    const block = (text: string) => checked('sentinels', 'block', text, told);
    const silent = sentinels.filter(({ own }) => !isCurrent(model.readings[own], now));
    if (silent.length > 0) return block(`${namesOf(silent)} does not answer: it counts as lost.`);
    const tilted = sentinels.filter(({ tilt }) => tilt === true);
    if (tilted.length > 0) return block(`${namesOf(tilted)} is in TILT mode and does not act.`);
    const views = sentinels.map((sentinel) => ({
      sentinel,
      view: sentinel.views.find(({ service: id }) => id === service.id),
    }));
    const without = views.filter(({ view }) => view?.quorum?.ok === false);
    const [first] = without;
    if (first !== undefined) return block(`${first.sentinel.name} sees no quorum: ${first.view?.quorum?.text}`);
    const needed = Math.max(Math.floor(sentinels.length / 2) + 1, service.quorum ?? 1);
    if (sentinels.length < Math.max(needed, 3))
      return block(`Only ${sentinels.length} Sentinels are watched; losing one more would leave no majority.`);
    return checked('sentinels', 'pass', `${sentinels.length} Sentinels answer; ${needed} can fail over.`, told);
  };
}

/** No failover is under way, and no Sentinel doubts the master. */
export function noFailoverUnderWay(service: RedisService): Guard {
  return ({ model, now }) => {
    const views = sentinelsOf(service, model).flatMap((sentinel) =>
      sentinel.views.filter((view) => view.service === service.id).map((view) => ({ sentinel, view })),
    );
    const told = evidenceOf(
      views.map(({ sentinel }) => sentinel.own),
      { model, now },
    );
    const busy = views.find(({ view }) => view.flags.some((flag) => FAILING.includes(flag)));
    if (busy === undefined) return checked('no-failover', 'pass', 'No failover is under way.', told);
    return checked('no-failover', 'block', `${busy.sentinel.name} says ${busy.view.flags.join(', ')}.`, told);
  };
}

const FAILING: readonly string[] = ['failover_in_progress', 'force_failover', 's_down', 'o_down', 'disconnected'];

/** A replica that can take over has what the master has. */
export function replicaInSync(service: RedisService): Guard {
  return ({ model, now }) => {
    const nodes = nodesOf(service, model);
    const told = evidenceOf(
      nodes.flatMap(({ own }) => own ?? []),
      { model, now },
    );
    const block = (text: string) => checked('replica-in-sync', 'block', text, told);
    const master = undisputedMaster(service, model, now);
    if (master === null) return block('Without an agreed master nobody can tell which replica is in sync.');
    const fit = candidates(service, master, model, now);
    if (fit.length === 0) return block(`No replica of ${master.name} follows it and may be promoted.`);
    const behind = fit.filter((node) => (lagBytes(node, model, now) ?? Number.POSITIVE_INFINITY) > IN_SYNC_BYTES);
    const [first] = behind;
    if (first !== undefined) {
      const lag = lagBytes(first, model, now);
      return block(
        lag === null ? `How far ${first.name} is behind is not told.` : `${first.name} is ${formatBytes(lag)} behind.`,
      );
    }
    return checked('replica-in-sync', 'pass', `${someOf(fit.map(({ name }) => name))}: in sync.`, told);
  };
}

/**
 * No proxy has one that may take over in maintenance or drain. `DOWN` is well: a check finds every replica so, and the statistics
 * then tell no drain.
 */
export function heirsInService(heirs: readonly RedisNode[]): Guard {
  return ({ model, now }) => {
    const places = heirs.flatMap(({ id, name }) =>
      serversFor({ kind: 'redisNodes', id }, model).map((place) => ({ ...place, name })),
    );
    const told = evidenceOf(
      places.map(({ proxy }) => proxy.own),
      { model, now },
    );
    const out = places.filter(({ server }) => /MAINT|DRAIN/.test(server.status));
    const [first] = out;
    if (first === undefined)
      return checked('heirs-in-service', 'pass', 'No proxy has a possible new master in maintenance.', told);
    const where = out.map(({ proxy, path, server }) => `${proxy.id} has ${path} in ${server.status}`);
    return checked(
      'heirs-in-service',
      'block',
      `${andList(where)}. With ${orList([...new Set(out.map(({ name }) => name))])} as master nobody would be served there: set it ready first.`,
      told,
    );
  };
}

/** A master that is started again before anybody took over has what it kept on disk, and its replicas copy that. */
export function restartKeepsData({ id, name }: RedisNode): Guard {
  return ({ model, now }) => {
    const { appendOnly = null, own = null } = model.redisNodes[id] ?? {};
    const told = evidenceOf(own === null ? [] : [own], { model, now });
    if (appendOnly === true) return checked('append-only', 'pass', `${name} keeps an append-only file.`, told);
    const start = 'started again before another is master, it';
    const text =
      appendOnly === false
        ? `${name} keeps no append-only file: ${start} comes back empty or old, and its replicas copy that.`
        : `Whether ${name} keeps an append-only file is not told. Without one, ${start} comes back empty or old, and its replicas copy that.`;
    return checked('append-only', 'warn', text, told);
  };
}

/** Every proxy sends results to the master and to nothing else. */
export function proxiesOnMaster(service: RedisService): Guard {
  return ({ model, now }) => {
    const master = undisputedMaster(service, model, now);
    const views = Object.values(model.proxies).flatMap((proxy) =>
      proxy.backends
        .filter(({ servers }) => servers.some(({ target }) => target?.id.startsWith(`${service.id}/`) === true))
        .map(({ servers, serving }) => ({ proxy, on: servers.filter(({ name }) => serving.includes(name)) })),
    );
    const told = evidenceOf(
      views.map(({ proxy }) => proxy.own),
      { model, now },
    );
    const astray = views.filter(({ on }) => on.length !== 1 || on[0]?.target?.id !== master?.id);
    const [first] = astray;
    if (views.length === 0)
      return checked(
        'proxies-on-master',
        'warn',
        'No proxy of Trellis carries results: how clients follow is not seen.',
      );
    if (first === undefined)
      return checked('proxies-on-master', 'pass', 'Every proxy sends results to the master.', told);
    const where = first.on.length === 0 ? 'to nobody' : `to ${orList(first.on.map(({ name }) => name))}`;
    return checked('proxies-on-master', 'block', `${first.proxy.id} sends results ${where}.`, told);
  };
}

function namesOf(sentinels: readonly Sentinel[]): string {
  return someOf(sentinels.map(({ name }) => name));
}
