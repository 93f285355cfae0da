/** The layers of the rack: for each, the cards and what stands on them. */
import type { ReactNode } from 'react';
import { redisName, shortNodeName } from '#lib/format/names.ts';
import { formatBytes, formatCount } from '#lib/format/quantity.ts';
import type { CeleryWorker } from '#lib/model/celery.ts';
import { settle } from '#lib/model/claims.ts';
import type { DrillId } from '#lib/model/drill.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Proxy, ProxyBackend } from '#lib/model/haproxy.ts';
import { lagBytes } from '#lib/model/lag.ts';
import { type LivePath, livePathOf } from '#lib/model/live-path.ts';
import type { Kind, Model } from '#lib/model/model.ts';
import { taskQueues } from '#lib/model/queues.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import type { SourceKind } from '#lib/model/reading.ts';
import type { RedisNode } from '#lib/model/redis.ts';
import { seriesOf } from '#lib/model/samples.ts';
import {
  beatStatus,
  brokerNodeStatus,
  celeryWorkerStatus,
  consulServerStatus,
  lastSeen,
  proxyStatus,
  redisNodeStatus,
  type Shown,
  sentinelStatus,
  workerStatus,
} from '#lib/model/status.ts';
import { type Aim, entityRoute, workerRoute } from '#lib/routes.ts';

export type RackCard = {
  /** `<kind>/<id>`. */
  id: string;
  href: ReturnType<typeof entityRoute> | ReturnType<typeof workerRoute>;
  host: string | null;
  name: string;
  shown: Shown;
  /** The role that stands out: master, leader. */
  leads?: string | undefined;
  /** Steps of the live path that lead through it. */
  path: readonly number[];
  seenAt: number | null;
  detail: ReactNode;
  /** Lines that the detail takes while all is well; 1 unless told. */
  lines?: 1 | 2;
  /** The series behind its sparkline. */
  figure?: { series: string; title: string } | undefined;
  /** The drill that is about it, and its button's word. */
  drill?: { id: DrillId; aim: Aim; word: string } | undefined;
};

export type Layer = { id: string; title: string; note: string; cards: RackCard[] };

/** All layers, top to bottom, at `now`. Their order never changes. */
export function layersOf(model: Model, now: number): Layer[] {
  const context = { model, now, path: livePathOf(model, now) };
  const layer = (id: string, title: string, note: string, cards: (context: Context) => RackCard[]): Layer => ({
    ...{ id, title, note },
    cards: cards(context),
  });
  return [
    layer('proxy', 'Proxy', productOf('HAProxy', 'haproxy', model), proxyCards),
    layer('broker', 'Broker', productOf('RabbitMQ', 'rabbitmq', model), brokerCards),
    layer('results', 'Result store', productOf('Redis', 'redis', model), redisCards),
    layer('sentinel', 'Sentinel', sentinelNote(model), sentinelCards),
    layer('coordinator', 'Coordinator', consulNote(model), consulCards),
    layer('beat', 'Beat', beatNote(model), beatCards),
    layer('workers', 'Workers', 'Celery', workerCards),
  ];
}

type Context = { model: Model; now: number; path: LivePath };

/** The product and its version; all of them where they differ. */
function productOf(product: string, source: SourceKind, model: Model): string {
  const endpoints = Object.values(model.endpoints).filter((endpoint) => endpoint.source === source);
  const versions = [...new Set(endpoints.flatMap(({ version }) => (version === null ? [] : [shortVersion(version)])))];
  return [product, versions.sort().join(' and ')].filter(Boolean).join(' ');
}

/** `2.6.12` of `2.6.12-1+deb12u4`. */
function shortVersion(version: string): string {
  return /^[\d.]+/.exec(version)?.[0] ?? version;
}

function sentinelNote(model: Model): string {
  const quorums = [...new Set(Object.values(model.redisServices).map(({ quorum }) => quorum))];
  return quorums.length === 1 && quorums[0] != null ? `quorum ${quorums[0]}` : 'guards Redis';
}

function consulNote(model: Model): string {
  const tolerance = model.coordinators.consul?.failureTolerance;
  return tolerance == null ? productOf('Consul', 'consul', model) : `${tolerance} may fail`;
}

function beatNote(model: Model): string {
  const keys = Object.values(model.locks).map(({ key }) => key);
  return keys.length === 0 ? 'no lock watched' : `lock ${keys.join(', ')}`;
}

/** What all cards have in common. */
function base(kind: Kind, id: string, { path }: Context): Pick<RackCard, 'id' | 'href' | 'path'> {
  const key = `${kind}/${id}`;
  return { id: key, href: entityRoute(kind, id), path: path.get(key) ?? [] };
}

function proxyCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.proxies).map((proxy) => ({
    ...base('proxies', proxy.id, context),
    figure: { series: seriesOf('proxies', proxy.id, 'sessions'), title: 'sessions' },
    host: proxy.host,
    name: proxy.id,
    shown: proxyStatus(proxy, model, now),
    seenAt: lastSeen([proxy.own], model.readings),
    detail: proxyDetail(proxy, model),
    lines: 2,
  }));
}

/** Where it sends tasks and results. */
function proxyDetail(proxy: Proxy, model: Model): ReactNode {
  const carrying = proxy.backends.filter(({ carries }) => carries !== 'other');
  return carrying.map((backend) => <Serving key={backend.name} backend={backend} model={model} />);
}

function Serving({ backend, model }: { backend: ProxyBackend; model: Model }) {
  return (
    <span data-backend={backend.name} data-serving={backend.serving.join(' ')}>
      {backend.name} → <b className="font-semibold text-text">{servingNames(backend, model)}</b>
    </span>
  );
}

function servingNames(backend: ProxyBackend, model: Model): string {
  const serving = backend.servers.filter((server) => backend.serving.includes(server.name));
  const names = serving.map((server) => {
    if (server.target === null) return server.name;
    if (server.target.kind === 'brokerNodes') return shortNodeName(server.target.id, model);
    return model.redisNodes[server.target.id]?.name ?? server.name;
  });
  return names.join(', ') || 'nobody';
}

function brokerCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.brokerNodes).map((node) => {
    const led = taskQueues(model.queues).ledBy.get(node.id) ?? 0;
    const shown = brokerNodeStatus(node, model, now);
    return {
      ...base('brokerNodes', node.id, context),
      figure: { series: seriesOf('brokerNodes', node.id, 'memory'), title: 'memory' },
      host: node.host,
      name: shortNodeName(node.id, model),
      shown,
      leads: led > 0 && shown.status !== 'down' ? `leads ${formatCount(led, 'queue')}` : undefined,
      seenAt: lastSeen(node.own.length > 0 ? node.own : node.running.map((claim) => claim.by), model.readings),
      detail: brokerDetail(node, model, now),
    };
  });
}

function brokerDetail(node: BrokerNode, model: Model, now: number): ReactNode {
  const behind = taskQueues(model.queues).behindOn.get(node.id) ?? 0;
  return (
    <>
      {behind > 0 && <span className="text-degraded">{formatCount(behind, 'copy', 'copies')} not in sync</span>}
      {node.memoryUsedBytes !== null && isCurrent(model.readings[node.resourcesBy ?? ''], now) && (
        <span>{formatBytes(node.memoryUsedBytes)}</span>
      )}
    </>
  );
}

function redisCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.redisNodes).map((node) => {
    const shown = redisNodeStatus(node, model, now);
    const role = settle(node.role, model.readings, now).value;
    const isMaster = role === 'master' && shown.status !== 'down';
    const aim: Aim = { kind: 'redisNodes', id: node.id };
    return {
      ...base('redisNodes', node.id, context),
      drill: isMaster ? { id: 'redis-switch', aim, word: 'Fail over' } : undefined,
      figure: { series: seriesOf('redisNodes', node.id, 'ops'), title: 'operations a second' },
      host: node.host,
      name: node.name,
      shown,
      leads: isMaster ? 'master' : undefined,
      seenAt: lastSeen([node.own], model.readings),
      detail: redisDetail(node, model, now),
    };
  });
}

/** Less than this is what is on its way at any moment. */
const NOTABLE_LAG_BYTES = 100_000;

/** Figures only while the node itself tells them: what a dead one said last looks like life. */
function redisDetail(node: RedisNode, model: Model, now: number): ReactNode {
  if (node.own === null || !isCurrent(model.readings[node.own], now)) return null;
  const lag = lagBytes(node, model, now);
  return (
    <>
      {node.linkUp === false && <span className="text-degraded">link down</span>}
      {lag !== null && lag >= NOTABLE_LAG_BYTES && <span>{formatBytes(lag)} behind</span>}
      {node.opsPerSecond !== null && <span>{node.opsPerSecond} ops/s</span>}
    </>
  );
}

function sentinelCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.sentinels).map((sentinel) => ({
    ...base('sentinels', sentinel.id, context),
    figure: { series: seriesOf('sentinels', sentinel.id, 'latency'), title: 'time to answer' },
    host: sentinel.host,
    name: sentinel.name,
    shown: sentinelStatus(sentinel, model, now),
    seenAt: lastSeen([sentinel.own], model.readings),
    detail: sentinel.views.map((view) => (
      <span key={view.service}>
        {sentinel.views.length > 1 && `${view.service}: `}
        {view.masterAddress === null ? 'no master' : redisName(view.masterAddress, view.service, model)}
      </span>
    )),
  }));
}

function consulCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.consulServers).map((server) => {
    const shown = consulServerStatus(server, model, now);
    return {
      ...base('consulServers', server.id, context),
      figure: { series: seriesOf('consulServers', server.id, 'latency'), title: 'time to answer' },
      host: server.host,
      name: server.id,
      shown,
      leads: shown.word === 'leader' ? 'leader' : undefined,
      seenAt: lastSeen([server.own, ...server.alive.map((claim) => claim.by)], model.readings),
      detail: server.voter === false ? <span>no vote</span> : null,
    };
  });
}

function beatCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.beats).map((beat) => {
    const shown = beatStatus(beat, model, now);
    return {
      ...base('beats', beat.id, context),
      host: beat.host,
      name: beat.id,
      shown,
      leads: beat.role === 'holder' && shown.status === 'ok' ? 'holds lock' : undefined,
      seenAt: lastSeen([beat.by], model.readings),
      detail: beat.goneSince === null ? <span>Consul node {beat.node}</span> : null,
    };
  });
}

function workerCards(context: Context): RackCard[] {
  const { model, now } = context;
  return Object.values(model.workers).map((worker) => {
    const heard = hearingOf(worker.id, model, now);
    return {
      ...base('workers', worker.id, context),
      href: workerRoute(worker.id),
      host: worker.host,
      name: worker.id,
      shown: workerStatus(worker, model, now),
      // Its own heartbeat says more about it than RabbitMQ's list of consumers does.
      seenAt: heard?.heartbeatAt ?? lastSeen([worker.by], model.readings),
      detail: (
        <>
          {heard === null ? (
            worker.queues !== null && worker.queues.length > 0 && <span>{worker.queues.join(', ')}</span>
          ) : (
            <Hearing worker={heard} model={model} now={now} />
          )}
          {worker.brokerNodes.length > 0 && (
            <span>via {worker.brokerNodes.map((id) => shortNodeName(id, model)).join(', ')}</span>
          )}
        </>
      ),
    };
  });
}

/** The worker as its own events tell it; null = they do not tell now. */
function hearingOf(id: string, model: Model, now: number): CeleryWorker | null {
  const worker = Object.hasOwn(model.celeryWorkers, id) ? model.celeryWorkers[id] : undefined;
  return worker !== undefined && isCurrent(model.readings[worker.by], now) ? worker : null;
}

/** The tasks that run on it, or why there is nothing to say of them. */
function Hearing({ worker, model, now }: { worker: CeleryWorker; model: Model; now: number }) {
  const { status, word } = celeryWorkerStatus(worker, model, now);
  if (status === 'down') return <span className="text-degraded">{word}</span>;
  return worker.active === null ? null : <span data-active={worker.active}>{worker.active} active</span>;
}
