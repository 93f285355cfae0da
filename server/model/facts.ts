/**
 * Facts: the settled statements about the estate whose change is a transition. A fact whose value is null cannot be
 * told at the moment; it then keeps its last value, so that a blind moment is not mistaken for a change.
 */
import { type Settled, settle } from '#lib/model/claims.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { isTaskQueue } from '#lib/model/queues.ts';
import type { Subject, TransitionCode } from '#lib/model/transition.ts';

export type Fact = { code: TransitionCode; subject: Subject; value: string | null; by: readonly string[] };

/** All facts of the model at `now` (epoch ms), in a stable order. */
export function factsOf(model: Model, now: number): Fact[] {
  return allFacts(model, now, queueFacts(model, now));
}

/**
 * Looks again and again. The facts of queues, of which there may be ten thousand, are left out as long as they cannot
 * have changed since they were last given; `full` gives them all the same.
 */
export function startLooking(): (model: Model, now: number, full: boolean) => Fact[] {
  let last: { queues: Model['queues']; readings: readonly string[]; sees: string } | null = null;
  return (model, now, full) => {
    const readings =
      last?.queues === model.queues ? last.readings : [...new Set(Object.values(model.queues).map(({ by }) => by))];
    const sees = readings.map((key) => isCurrent(model.readings[key], now)).join();
    const same = last?.queues === model.queues && last.sees === sees;
    last = { queues: model.queues, readings, sees };
    return allFacts(model, now, same && !full ? [] : queueFacts(model, now));
  };
}

function allFacts(model: Model, now: number, ofQueues: readonly Fact[]): Fact[] {
  return [
    ...endpointFacts(model, now),
    ...brokerFacts(model, now),
    ...ofQueues,
    ...redisFacts(model, now),
    ...proxyFacts(model, now),
    ...consulFacts(model, now),
    ...workerFacts(model, now),
    ...celeryFacts(model, now),
  ];
}

/** The name by which a fact is found again: code and subject. */
export function factKey(fact: Pick<Fact, 'code' | 'subject'>): string {
  return `${fact.code} ${fact.subject.kind} ${fact.subject.id} ${fact.subject.part ?? ''}`;
}

/** Those who say what is believed; dissenters are no witnesses of it. */
function voters<T>(settled: Settled<T>): string[] {
  return settled.current.filter((claim) => claim.value === settled.value).map((claim) => claim.by);
}

function flag(value: boolean | null, yes: string, no: string): string | null {
  return value === null ? null : value ? yes : no;
}

/**
 * An endpoint answers while the question that it is asked most often is answered: the others notice its silence late.
 * Readings that belong to a whole cluster are left out.
 */
function endpointFacts(model: Model, now: number): Fact[] {
  const own = Object.values(model.readings).filter((reading) => reading.endpoint !== 'cluster');
  const endpoints = Map.groupBy(own, (reading) => `${reading.source}/${reading.endpoint}`);
  return [...endpoints].map(([id, readings]) => {
    const pulse = readings.reduce((a, b) => (b.intervalMs < a.intervalMs ? b : a));
    const asked = pulse.at !== null || pulse.failure !== null;
    return {
      code: 'EndpointAnswers',
      subject: { kind: 'endpoints', id },
      value: flag(asked ? isCurrent(pulse, now) : null, 'answers', 'silent'),
      by: [pulse.key],
    };
  });
}

function brokerFacts(model: Model, now: number): Fact[] {
  return Object.values(model.brokerNodes).map((node) => {
    const running = settle(node.running, model.readings, now);
    return {
      code: 'BrokerNodeRunning',
      subject: { kind: 'brokerNodes', id: node.id },
      value: flag(running.value, 'running', 'down'),
      by: voters(running),
    };
  });
}

function queueFacts(model: Model, now: number): Fact[] {
  return Object.values(model.queues).flatMap((queue): Fact[] => {
    if (!isTaskQueue(queue)) return [];
    const sees = isCurrent(model.readings[queue.by], now);
    const { leader, inSync, kind } = queue.replication;
    const subject = { kind: 'queues', id: queue.id } as const;
    const copies = kind === 'none' || inSync === null ? null : [...inSync].sort().join(' ');
    return [
      { code: 'QueueLeader', subject, value: sees ? leader : null, by: [queue.by] },
      { code: 'QueueInSync', subject, value: sees ? copies : null, by: [queue.by] },
    ];
  });
}

function redisFacts(model: Model, now: number): Fact[] {
  const services = Object.values(model.redisServices).map((service): Fact => {
    const master = settle(service.master, model.readings, now);
    const subject = { kind: 'redisServices', id: service.id } as const;
    return { code: 'RedisMaster', subject, value: master.value, by: voters(master) };
  });
  const nodes = Object.values(model.redisNodes).flatMap((node): Fact[] => {
    const up = settle(node.up, model.readings, now);
    const itself = settle(
      node.role.filter((claim) => claim.by === node.own),
      model.readings,
      now,
    );
    const subject = { kind: 'redisNodes', id: node.id } as const;
    // A Sentinel that meets a node anew takes it for up until it has looked: only the node itself can say that it is back.
    const answers = node.own !== null && isCurrent(model.readings[node.own], now);
    return [
      {
        code: 'RedisNodeUp',
        subject,
        value: up.value === true && !answers ? null : flag(up.value, 'up', 'down'),
        by: voters(up),
      },
      { code: 'RedisNodeRole', subject, value: itself.value, by: voters(itself) },
    ];
  });
  // Nodes first: they explain what becomes of their service.
  return [...nodes, ...services];
}

function proxyFacts(model: Model, now: number): Fact[] {
  return Object.values(model.proxies).flatMap((proxy) => {
    const sees = isCurrent(model.readings[proxy.own], now);
    return proxy.backends
      .filter((backend) => backend.carries !== 'other')
      .map(
        (backend): Fact => ({
          code: 'ProxyServing',
          subject: { kind: 'proxies', id: proxy.id, part: backend.name },
          value: sees ? backend.serving.join(' ') || 'nobody' : null,
          by: [proxy.own],
        }),
      );
  });
}

function consulFacts(model: Model, now: number): Fact[] {
  const leaders = Object.values(model.coordinators).map((coordinator): Fact => {
    const leader = settle(coordinator.leader, model.readings, now);
    const subject = { kind: 'coordinators', id: coordinator.id } as const;
    return { code: 'ConsulLeader', subject, value: leader.value === '' ? 'nobody' : leader.value, by: voters(leader) };
  });
  const servers = Object.values(model.consulServers).map((server): Fact => {
    const alive = settle(server.alive, model.readings, now);
    const subject = { kind: 'consulServers', id: server.id } as const;
    return { code: 'ConsulServerAlive', subject, value: flag(alive.value, 'alive', 'down'), by: voters(alive) };
  });
  const locks = Object.values(model.locks).flatMap((lock): Fact[] => {
    const sees = isCurrent(model.readings[lock.by], now);
    const subject = { kind: 'locks', id: lock.id } as const;
    const standbys = [...new Set(lock.standbys.map((party) => party.node))].sort();
    return [
      { code: 'LockHolder', subject, value: sees ? (lock.holder?.node ?? 'nobody') : null, by: [lock.by] },
      { code: 'LockStandbys', subject, value: sees ? standbys.join(' ') || 'nobody' : null, by: [lock.by] },
    ];
  });
  return [...servers, ...leaders, ...locks];
}

function workerFacts(model: Model, now: number): Fact[] {
  return Object.values(model.workers).map((worker) => {
    const sees = isCurrent(model.readings[worker.by], now);
    const consumes = worker.queues === null ? null : worker.queues.length > 0 ? 'consuming' : 'idle';
    const presence = worker.goneSince !== null ? 'gone' : consumes;
    const subject = { kind: 'workers', id: worker.id } as const;
    return { code: 'WorkerPresence', subject, value: sees ? presence : null, by: [worker.by] };
  });
}

function celeryFacts(model: Model, now: number): Fact[] {
  const ingests = Object.values(model.ingests).map((ingest): Fact => {
    const sees = isCurrent(model.readings[ingest.by], now) && ingest.state !== 'connecting';
    const subject = { kind: 'ingests', id: ingest.id } as const;
    return { code: 'IngestState', subject, value: sees ? ingest.state : null, by: [ingest.by] };
  });
  const workers = Object.values(model.celeryWorkers).flatMap((worker): Fact[] => {
    const sees = isCurrent(model.readings[worker.by], now);
    const subject = { kind: 'celeryWorkers', id: worker.id } as const;
    // Of a worker that sends no task events nothing else can be expected.
    const counts = sees && worker.sendsTaskEvents !== false;
    return [
      { code: 'CeleryWorkerState', subject, value: sees ? worker.state : null, by: [worker.by] },
      { code: 'CeleryWorkerGap', subject, value: counts ? magnitudeOf(worker.missedTasks) : null, by: [worker.by] },
    ];
  });
  return [...ingests, ...workers];
}

/** The power of two at or below it: a gap that grows by one a second is not a line a second. */
function magnitudeOf(count: number): string {
  return String(count === 0 ? 0 : 2 ** Math.floor(Math.log2(count)));
}
