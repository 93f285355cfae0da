/** Guards of drills that touch proxies, Consul, the beat and the workers. Pure. */
import { andList, someOf } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { Lock } from '#lib/model/consul.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { isTakenOut } from '#lib/model/haproxy.ts';
import { estateOf } from '#server/model/forecast/loss.ts';
import { serversFor } from './catalog/proxy-servers.ts';
import type { Guard } from './drill.ts';
import { checked, evidenceOf } from './guards.ts';

/** Every proxy that knows the server has another one that can serve. */
export function otherServerStands(target: { kind: 'brokerNodes' | 'redisNodes'; id: string }): Guard {
  return ({ model, now }) => {
    const places = serversFor(target, model);
    const told = evidenceOf(
      places.map(({ proxy }) => proxy.own),
      { model, now },
    );
    const name =
      target.kind === 'brokerNodes'
        ? shortNodeName(target.id, model)
        : (model.redisNodes[target.id]?.name ?? target.id);
    const last = places.filter(({ backend, server }) => !backend.servers.some((one) => one !== server && one.usable));
    if (places.length === 0) return checked('other-server', 'block', `No proxy of Trellis sends to ${name}.`);
    if (last.length > 0)
      return checked(
        'other-server',
        'block',
        `${name} is the last usable server of ${someOf(last.map(({ proxy }) => proxy.id))}.`,
        told,
      );
    return checked('other-server', 'pass', `Every proxy has another usable server than ${name}.`, told);
  };
}

/** Every proxy that knows the server has it in service, so that `ready` is what there was before. */
export function serverInService(target: { kind: 'brokerNodes' | 'redisNodes'; id: string }): Guard {
  return ({ model, now }) => {
    const out = serversFor(target, model).filter(({ server }) => /MAINT|DRAIN/.test(server.status));
    const told = evidenceOf(
      serversFor(target, model).map(({ proxy }) => proxy.own),
      { model, now },
    );
    const [first] = out;
    if (first === undefined) return checked('in-service', 'pass', 'No proxy has it in maintenance already.', told);
    return checked(
      'in-service',
      'block',
      `${first.proxy.id} has ${first.server.name} in ${first.server.status} already.`,
      told,
    );
  };
}

/**
 * No proxy that is restarted has a server taken out at its runtime socket: it would have forgotten that. A server that the
 * configuration disables looks alike; of one that is down the statistics tell no drain.
 */
export function nothingTakenOut(proxies: readonly string[]): Guard {
  return ({ model, now }) => {
    const restarted = proxies.flatMap((id) => model.proxies[id] ?? []);
    const told = evidenceOf(
      restarted.map(({ own }) => own),
      { model, now },
    );
    const out = restarted.flatMap((proxy) => {
      const servers = proxy.backends.flatMap(({ name, servers }) =>
        servers.filter(isTakenOut).map((one) => `${name}/${one.name} (${one.status})`),
      );
      return servers.length === 0 ? [] : [`${proxy.id} has ${andList(servers)}`];
    });
    if (out.length === 0)
      return checked(
        'taken-out',
        'pass',
        `${someOf(proxies)}: no server is taken out that a restart would forget.`,
        told,
      );
    return checked(
      'taken-out',
      'block',
      `${andList(out)} taken out by hand. A restart would forget that and send clients there again: set it ready first.`,
      told,
    );
  };
}

/** Of the guard below: whoever asks it needs to know how the sockets are now. */
export const SOCKETS_GUARD = 'proxy-sockets';

/** The runtime socket of every proxy that has to be told something. */
export function socketsFor(proxies: readonly string[]): Guard {
  return ({ means }) => {
    const problems = proxies.flatMap((id) => {
      const problem = means.socketProblem(id);
      return problem === null ? [] : [`${id} cannot be told: ${problem}.`];
    });
    if (problems.length === 0) return checked(SOCKETS_GUARD, 'pass', 'Every proxy can be told by its runtime socket.');
    return checked(SOCKETS_GUARD, 'block', problems.join(' '));
  };
}

/** Another proxy stands, so that some application has an entrance left. */
export function otherProxyStands(proxy: string): Guard {
  return ({ model, now }) => {
    const others = Object.values(model.proxies).filter(
      ({ id, own }) => id !== proxy && isCurrent(model.readings[own], now),
    );
    if (others.length === 0) return checked('other-proxy', 'block', `${proxy} is the only proxy that answers.`);
    return checked(
      'other-proxy',
      'pass',
      `${someOf(others.map(({ id }) => id))} would go on.`,
      evidenceOf(
        others.map(({ own }) => own),
        { model, now },
      ),
    );
  };
}

/** Somebody holds the lock, and somebody waits for it. */
export function standbyWaits(lock: Lock): Guard {
  return ({ model, now }) => {
    const told = evidenceOf([lock.by], { model, now });
    if (lock.holder === null)
      return checked('standby', 'block', `Nobody holds lock ${lock.id}: nothing is scheduled.`, told);
    const standing = lock.standbys.filter(({ node }) => node !== lock.holder?.node);
    if (standing.length === 0)
      return checked('standby', 'block', `Nobody waits for lock ${lock.id}: no standby beat would take over.`, told);
    return checked(
      'standby',
      'pass',
      `${someOf(standing.map(({ host, node }) => host ?? node))} waits for lock ${lock.id}.`,
      told,
    );
  };
}

/** Consul has a leader, and can lose a server. */
export const consulTolerates: Guard = ({ model, now }) => {
  const { leader = [], failureTolerance = null } = model.coordinators.consul ?? {};
  const told = evidenceOf(
    leader.map(({ by }) => by),
    { model, now },
  );
  const said = settle(leader, model.readings, now);
  if (said.value === null || said.value === '' || said.agreement === 'majority')
    return checked('consul', 'block', 'The Consul agents do not agree on a leader.', told);
  const servers = estateOf(model, now).processes.filter(({ kind }) => kind === 'consulServers');
  const alive = servers.filter(({ standing }) => standing === 'alive').length;
  const tolerance = failureTolerance ?? alive - 1 - Math.floor(servers.length / 2);
  if (tolerance < 1)
    return checked('consul', 'block', 'Consul cannot lose another server: its majority would go.', told);
  return checked('consul', 'pass', `Consul can lose ${formatCount(tolerance, 'server')}.`, told);
};

/** Another worker takes what this one took. */
export function otherWorkers(worker: string): Guard {
  return ({ model, now }) => {
    const queues = model.workers[worker]?.queues ?? [];
    const others = Object.values(model.workers).filter(({ id, goneSince }) => id !== worker && goneSince === null);
    const alone = queues.filter((queue) => !others.some((one) => one.queues?.includes(queue) === true));
    const told = evidenceOf([model.workers[worker]?.by ?? ''].filter(Boolean), { model, now });
    if (alone.length > 0)
      return checked(
        'other-workers',
        'block',
        `${worker} alone works on ${someOf(alone)}: its tasks would wait.`,
        told,
      );
    return checked('other-workers', 'pass', `${formatCount(others.length, 'other worker')} would go on.`, told);
  };
}

/** One worker alone: whatever is drilled, a task may wait for it. */
export const severalWorkers: Guard = ({ model, now }) => {
  const there = Object.values(model.workers).filter(({ goneSince }) => goneSince === null);
  const told = evidenceOf(
    there.map(({ by }) => by),
    { model, now },
  );
  if (there.length > 1) return checked('several-workers', 'pass', `${there.length} workers are connected.`, told);
  return checked(
    'several-workers',
    'warn',
    `${there[0]?.id ?? 'No worker'} is the only worker: tasks wait while it reconnects.`,
    told,
  );
};

/** What a process had begun when it dies. */
export const lateAcks: Guard = ({ model }) => {
  const early = Object.values(model.findings).find(({ code }) => code === 'EarlyAcks');
  if (early === undefined) return checked('acks', 'pass', 'No worker is known to acknowledge tasks early.');
  return checked('acks', 'warn', `${early.text} What it had begun is lost.`);
};
