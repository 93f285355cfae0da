/**
 * The status that is shown for an entity: freshness first, then the claims. One rule for server and browser.
 * `word` is for people and always accompanies the colour.
 */
import type { CeleryWorker, Ingest } from './celery.ts';
import { type Settled, settle } from './claims.ts';
import type { Beat, ConsulServer, Lock } from './consul.ts';
import { freshnessOf, isCurrent } from './freshness.ts';
import type { Proxy, ProxyServer } from './haproxy.ts';
import { agreedMaster, selfMasters } from './masters.ts';
import type { Model } from './model.ts';
import type { BrokerNode, Worker } from './rabbitmq.ts';
import { isRefused, type Readings } from './reading.ts';
import type { RedisNode, RedisService, Sentinel } from './redis.ts';

export const STATUSES = ['ok', 'degraded', 'down', 'unknown', 'stale', 'maintenance'] as const;
export type Status = (typeof STATUSES)[number];
export type Shown = { status: Status; word: string };

/** Nobody speaks for the present: stale while the last answer is young, unknown after that. */
function unseen(by: readonly string[], readings: Readings, now: number): Shown {
  const ages = by.map((key) => readings[key]).filter((reading) => reading !== undefined);
  const remembered = ages.some((reading) => freshnessOf(reading, now) !== 'unknown');
  return remembered ? { status: 'stale', word: 'silent' } : { status: 'unknown', word: 'unknown' };
}

function claimants(...settled: Settled<unknown>[]): string[] {
  return settled.flatMap((one) => [...one.current, ...one.lapsed].map((claim) => claim.by));
}

/** Status of a RabbitMQ node: what the nodes say of each other, its own silence, alarms, partitions. */
export function brokerNodeStatus(node: BrokerNode, model: Model, now: number): Shown {
  const running = settle(node.running, model.readings, now);
  const answers = node.own.some((key) => isCurrent(model.readings[key], now));
  const amqp = node.amqp === null ? undefined : model.readings[node.amqp.by];
  if (isRefusing(node, model)) return { status: 'down', word: 'refuses connections' };
  if (isHung(node, model, now) && running.value !== false) return { status: 'down', word: 'hung or cut off' };
  if (running.agreement === 'none' && isCurrent(amqp, now)) return { status: 'degraded', word: 'only AMQP answers' };
  if (running.agreement === 'none') return unseen(claimants(running), model.readings, now);
  if (running.value === false && running.agreement !== 'majority') return { status: 'down', word: 'down' };
  if (running.agreement === 'split' || running.agreement === 'majority') {
    return { status: 'degraded', word: 'nodes disagree' };
  }
  if (node.own.length > 0 && !answers) return { status: 'degraded', word: 'not answering' };
  if (node.amqp !== null && !isCurrent(amqp, now)) {
    return { status: 'degraded', word: 'AMQP not answering' };
  }
  const cutOff = node.partitions.some((claim) => claim.value !== '' && isCurrent(model.readings[claim.by], now));
  if (cutOff) return { status: 'degraded', word: 'partitioned' };
  if (node.beingDrained === true) return { status: 'maintenance', word: 'draining' };
  if (node.amqp?.blocked != null) return { status: 'degraded', word: `blocks publishers (${node.amqp.blocked})` };
  if (node.memoryAlarm === true) return { status: 'degraded', word: 'memory alarm' };
  if (node.diskAlarm === true) return { status: 'degraded', word: 'disk alarm' };
  return { status: 'ok', word: 'running' };
}

/** Peers go on calling a killed node running while they move its queues: 3 s with ten thousand of them. */
const PEERS_LAG_MS = 10_000;

/** Both ways in are refused or cut, and no peer insists that the node runs: nobody is there any more. */
function isRefusing(node: BrokerNode, model: Model): boolean {
  const since = Math.min(...node.own.map((key) => cutSince(key, model)));
  if (since === Number.POSITIVE_INFINITY || node.amqp === null) return false;
  if (model.readings[node.amqp.by]?.failure == null) return false;
  return !node.running.some(({ by, value }) => value && (model.readings[by]?.at ?? 0) > since + PEERS_LAG_MS);
}

function cutSince(key: string, model: Model): number {
  const reading = model.readings[key];
  return isRefused(reading) ? reading.failure.since : Number.POSITIVE_INFINITY;
}

/** Both ways in are open to no avail, while another node answers: it is the node, and not Trellis, that is cut off. */
function isHung(node: BrokerNode, model: Model, now: number): boolean {
  const answers = (keys: readonly string[]) => keys.some((key) => isCurrent(model.readings[key], now));
  const waysIn = (one: BrokerNode) => [...one.own, ...(one.amqp === null ? [] : [one.amqp.by])];
  if (node.amqp === null || node.own.length === 0 || answers(waysIn(node))) return false;
  if (model.readings[node.amqp.by]?.failure?.code !== 'timeout') return false;
  return Object.values(model.brokerNodes).some((other) => other.id !== node.id && answers(waysIn(other)));
}

/** Status of a Redis data node: its own answer, then the Sentinels' opinions. */
export function redisNodeStatus(node: RedisNode, model: Model, now: number): Shown {
  const up = settle(node.up, model.readings, now);
  const role = settle(node.role, model.readings, now);
  const answers = node.own !== null && isCurrent(model.readings[node.own], now);
  if (!answers) {
    if (up.agreement === 'none') return unseen([...claimants(up, role)], model.readings, now);
    if (up.value === false) return { status: 'down', word: 'down' };
    return node.own === null
      ? { status: 'unknown', word: 'not asked yet' }
      : { status: 'degraded', word: 'not answering' };
  }
  if (role.agreement === 'split' || role.agreement === 'majority') return { status: 'degraded', word: 'role disputed' };
  if (up.value === false) return { status: 'degraded', word: 'Sentinels say down' };
  if (role.value === 'replica' && node.linkUp === false) return { status: 'degraded', word: 'link down' };
  return { status: 'ok', word: role.value ?? 'unknown' };
}

/** Status of a Redis service: who is master, and whether that is beyond dispute. */
export function redisServiceStatus(service: RedisService, model: Model, now: number): Shown {
  if (selfMasters(service, model, now).length > 1) return { status: 'degraded', word: 'two masters' };
  const { agreement } = settle(service.master, model.readings, now);
  if (agreement === 'none') return { status: 'unknown', word: 'no Sentinel names a master' };
  if (agreement === 'split' || agreement === 'majority') return { status: 'degraded', word: 'Sentinels disagree' };
  return { status: 'ok', word: 'one master' };
}

/** Status of a lock: whether somebody holds it, and so schedules. */
export function lockStatus(lock: Lock, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[lock.by], now)) return unseen([lock.by], model.readings, now);
  return lock.holder === null ? { status: 'down', word: 'nobody holds it' } : { status: 'ok', word: 'held' };
}

/** Status of a Sentinel: whether it answers (else what its peers say), and whether it agrees with the others about every master. */
export function sentinelStatus(sentinel: Sentinel, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[sentinel.own], now)) {
    const up = settle(sentinel.up, model.readings, now);
    if (up.value === false) return { status: 'down', word: 'down' };
    return unseen([sentinel.own], model.readings, now);
  }
  if (sentinel.tilt === true) return { status: 'degraded', word: 'in TILT mode' };
  for (const view of sentinel.views) {
    const service = model.redisServices[view.service];
    const master = settle(service?.master ?? [], model.readings, now);
    if (view.masterAddress === null) return { status: 'degraded', word: 'knows no master' };
    if (master.value === null) return { status: 'degraded', word: 'Sentinels disagree' };
    if (master.value !== view.masterAddress) return { status: 'degraded', word: 'disagrees' };
    if (view.flags.includes('o_down')) return { status: 'degraded', word: 'master objectively down' };
    if (view.flags.includes('s_down')) return { status: 'degraded', word: 'sees the master down' };
    if (view.quorum?.ok === false) return { status: 'degraded', word: 'no quorum' };
  }
  return { status: 'ok', word: 'agrees' };
}

/**
 * Status of an HAProxy: a backend without a usable server is down; results that go to two masters or past the one that the
 * Sentinels agree on, and serving from a backup, are degraded.
 */
export function proxyStatus(proxy: Proxy, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[proxy.own], now)) return unseen([proxy.own], model.readings, now);
  const carrying = proxy.backends.filter((backend) => backend.carries !== 'other');
  const empty = carrying.find((backend) => backend.serving.length === 0);
  if (empty !== undefined) return { status: 'down', word: `nobody serves ${empty.name}` };
  const doubled = carrying.find((backend) => backend.carries === 'results' && backend.serving.length > 1);
  if (doubled !== undefined)
    return { status: 'degraded', word: `${doubled.name} goes to ${doubled.serving.length} masters` };
  for (const { carries, servers, serving } of carrying) {
    const target = carries === 'results' ? servers.find(({ name }) => name === serving[0])?.target?.id : undefined;
    const master = target === undefined ? null : agreedMaster(target, model, now);
    if (master !== null && master !== target) return { status: 'degraded', word: 'not on the master' };
  }
  const onBackup = carrying.some((backend) =>
    backend.servers.some((server) => server.backup && backend.serving.includes(server.name)),
  );
  return onBackup ? { status: 'degraded', word: 'on a backup' } : { status: 'ok', word: 'serving' };
}

/** The broker node behind a server is down or hung: a check that only opens a connection does not see the latter. */
export function isOnDeadNode({ target }: ProxyServer, model: Model, now: number): boolean {
  const node = target?.kind === 'brokerNodes' ? model.brokerNodes[target.id] : undefined;
  return node !== undefined && brokerNodeStatus(node, model, now).status === 'down';
}

/** Status of a Consul server: gossip of all agents, its own answer, and whether the cluster has a leader. */
export function consulServerStatus(server: ConsulServer, model: Model, now: number): Shown {
  const alive = settle(server.alive, model.readings, now);
  if (alive.agreement === 'none') return unseen(claimants(alive), model.readings, now);
  if (alive.value === false) return { status: 'down', word: 'down' };
  if (server.own !== null && !isCurrent(model.readings[server.own], now)) {
    return { status: 'degraded', word: 'not answering' };
  }
  const leader = settle(model.coordinators.consul?.leader ?? [], model.readings, now);
  if (leader.value === '' || leader.value === null) return { status: 'degraded', word: 'no leader' };
  return { status: 'ok', word: leader.value === server.raftAddress ? 'leader' : 'follower' };
}

/** Status of a beat: its session under the lock. */
export function beatStatus(beat: Beat, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[beat.by], now)) return unseen([beat.by], model.readings, now);
  if (beat.goneSince !== null) return { status: 'down', word: 'gone' };
  return { status: 'ok', word: beat.role === 'holder' ? 'holds lock' : 'standby' };
}

/** Status of a worker, as the broker's consumer lists show it. */
export function workerStatus(worker: Worker, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[worker.by], now)) return unseen([worker.by], model.readings, now);
  if (worker.goneSince !== null) return { status: 'down', word: 'gone' };
  if (worker.queues === null) return { status: 'unknown', word: 'not seen consuming' };
  return worker.queues.length > 0
    ? { status: 'ok', word: 'consuming' }
    : { status: 'degraded', word: 'consumes nothing' };
}

/** Status of a worker, as its own events show it. */
export function celeryWorkerStatus(worker: CeleryWorker, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[worker.by], now)) return unseen([worker.by], model.readings, now);
  if (worker.state === 'offline') return { status: 'down', word: 'said good-bye' };
  if (worker.state === 'silent') return { status: 'down', word: 'silent' };
  if (worker.heartbeatAt === null) return { status: 'unknown', word: 'no heartbeat yet' };
  if (worker.sendsTaskEvents === false) return { status: 'degraded', word: 'sends no task events' };
  return { status: 'ok', word: 'online' };
}

const INGEST_WORDS = {
  connecting: { status: 'unknown', word: 'connecting' },
  consuming: { status: 'ok', word: 'consuming' },
  disconnected: { status: 'down', word: 'disconnected' },
  'storing-fails': { status: 'down', word: 'storing fails' },
} as const satisfies Readonly<Record<Ingest['state'], Shown>>;

/** Status of the intake of events. */
export function ingestStatus(ingest: Ingest, model: Model, now: number): Shown {
  if (!isCurrent(model.readings[ingest.by], now)) return unseen([ingest.by], model.readings, now);
  return INGEST_WORDS[ingest.state];
}

/** The freshest moment (epoch ms) at which any of these readings answered; null = never. */
export function lastSeen(by: readonly (string | null)[], readings: Readings): number | null {
  let newest: number | null = null;
  for (const key of by) {
    const at = key === null ? null : (readings[key]?.at ?? null);
    if (at !== null && (newest === null || at > newest)) newest = at;
  }
  return newest;
}
