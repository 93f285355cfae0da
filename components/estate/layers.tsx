/** The layers of the rack: for each, the cards and what stands on them. */
import type { ReactNode } from 'react';
import { redisName, shortNodeName } from '#lib/format/names.ts';
import { formatBytes, formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import type { Proxy, ProxyBackend } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import type { RedisNode } from '#lib/model/redis.ts';
import {
  beatStatus,
  brokerNodeStatus,
  consulServerStatus,
  lastSeen,
  proxyStatus,
  redisNodeStatus,
  type Shown,
  sentinelStatus,
  workerStatus,
} from '#lib/model/status.ts';

export type RackCard = {
  id: string;
  host: string | null;
  name: string;
  shown: Shown;
  leads?: string | undefined;
  seenAt: number | null;
  detail: ReactNode;
};

export type Layer = { id: string; title: string; note: string; cards: RackCard[] };

/** All layers, top to bottom, at `now`. Their order never changes. */
export function layersOf(model: Model, now: number): Layer[] {
  return [
    { id: 'proxy', title: 'Proxy', note: 'HAProxy', cards: proxyCards(model, now) },
    { id: 'broker', title: 'Broker', note: 'RabbitMQ', cards: brokerCards(model, now) },
    { id: 'results', title: 'Result store', note: 'Redis', cards: redisCards(model, now) },
    { id: 'sentinel', title: 'Sentinel', note: 'guards Redis', cards: sentinelCards(model, now) },
    { id: 'coordinator', title: 'Coordinator', note: 'Consul', cards: consulCards(model, now) },
    { id: 'beat', title: 'Beat', note: 'under the lock', cards: beatCards(model, now) },
    { id: 'workers', title: 'Workers', note: 'Celery', cards: workerCards(model, now) },
  ];
}

function proxyCards(model: Model, now: number): RackCard[] {
  return Object.values(model.proxies).map((proxy) => ({
    id: `proxies/${proxy.id}`,
    host: proxy.host,
    name: proxy.id,
    shown: proxyStatus(proxy, model, now),
    seenAt: lastSeen([proxy.own], model.readings),
    detail: proxyDetail(proxy, model),
  }));
}

function proxyDetail(proxy: Proxy, model: Model): ReactNode {
  const carrying = proxy.backends.filter((backend) => backend.carries !== 'other');
  return carrying.map((backend) => (
    <span key={backend.name} data-backend={backend.name} data-serving={backend.serving.join(' ')}>
      {backend.name} → <b className="font-semibold text-text">{servingNames(backend, model)}</b>
    </span>
  ));
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

function brokerCards(model: Model, now: number): RackCard[] {
  return Object.values(model.brokerNodes).map((node) => {
    const led = taskQueues(model).filter((queue) => queue.replication.leader === node.id).length;
    const shown = brokerNodeStatus(node, model, now);
    return {
      id: `brokerNodes/${node.id}`,
      host: node.host,
      name: shortNodeName(node.id, model),
      shown,
      leads: led > 0 && shown.status !== 'down' ? `leads ${formatCount(led, 'queue')}` : undefined,
      seenAt: lastSeen([...node.own, ...node.running.map((claim) => claim.by)], model.readings),
      detail: brokerDetail(node, model),
    };
  });
}

function taskQueues(model: Model) {
  return Object.values(model.queues).filter((queue) => !queue.plumbing && !queue.exclusive);
}

function brokerDetail(node: BrokerNode, model: Model): ReactNode {
  const copies = taskQueues(model).filter((queue) => queue.replication.members.includes(node.id));
  const behind = copies.filter((queue) => queue.replication.inSync?.includes(node.id) === false);
  return (
    <>
      {behind.length > 0 && (
        <span className="text-degraded">{formatCount(behind.length, 'copy', 'copies')} not in sync</span>
      )}
      {copies.length > 0 && <span>{formatCount(copies.length - behind.length, 'copy', 'copies')} in sync</span>}
      {node.memoryUsedBytes !== null && <span>{formatBytes(node.memoryUsedBytes)}</span>}
    </>
  );
}

function redisCards(model: Model, now: number): RackCard[] {
  return Object.values(model.redisNodes).map((node) => {
    const shown = redisNodeStatus(node, model, now);
    const role = settle(node.role, model.readings, now).value;
    return {
      id: `redisNodes/${node.id}`,
      host: node.host,
      name: node.name,
      shown,
      leads: role === 'master' && shown.status !== 'down' ? 'master' : undefined,
      seenAt: lastSeen([node.own, ...node.role.map((claim) => claim.by)], model.readings),
      detail: redisDetail(node, model),
    };
  });
}

function redisDetail(node: RedisNode, model: Model): ReactNode {
  const master = Object.values(model.redisNodes).find(
    (other) => other.service === node.service && other.address === node.masterAddress,
  );
  const behindBytes = master?.offset != null && node.offset !== null ? master.offset - node.offset : null;
  return (
    <>
      {node.linkUp !== null && <span>link {node.linkUp ? 'up' : 'down'}</span>}
      {behindBytes !== null && <span>offset −{formatBytes(Math.max(0, behindBytes))}</span>}
      {node.connectedReplicas !== null && node.connectedReplicas > 0 && (
        <span>{formatCount(node.connectedReplicas, 'replica')}</span>
      )}
      {node.opsPerSecond !== null && <span>{node.opsPerSecond} ops/s</span>}
    </>
  );
}

function sentinelCards(model: Model, now: number): RackCard[] {
  return Object.values(model.sentinels).map((sentinel) => ({
    id: `sentinels/${sentinel.id}`,
    host: sentinel.host,
    name: sentinel.name,
    shown: sentinelStatus(sentinel, model, now),
    seenAt: lastSeen([sentinel.own], model.readings),
    detail: sentinel.views.map((view) => (
      <span key={view.service}>
        {view.service}: {view.masterAddress === null ? 'no master' : redisName(view.masterAddress, view.service, model)}
        {view.epoch !== null && ` · epoch ${view.epoch}`}
      </span>
    )),
  }));
}

function consulCards(model: Model, now: number): RackCard[] {
  return Object.values(model.consulServers).map((server) => {
    const shown = consulServerStatus(server, model, now);
    return {
      id: `consulServers/${server.id}`,
      host: server.host,
      name: server.id,
      shown,
      leads: shown.word === 'leader' ? 'leader' : undefined,
      seenAt: lastSeen([server.own, ...server.alive.map((claim) => claim.by)], model.readings),
      detail: server.voter === null ? null : <span>{server.voter ? 'voter' : 'no vote'}</span>,
    };
  });
}

function beatCards(model: Model, now: number): RackCard[] {
  return Object.values(model.beats).map((beat) => {
    const shown = beatStatus(beat, model, now);
    return {
      id: `beats/${beat.id}`,
      host: beat.host,
      name: beat.id,
      shown,
      leads: beat.role === 'holder' && shown.status === 'ok' ? 'holds the lock' : undefined,
      seenAt: lastSeen([beat.by], model.readings),
      detail: <span>{model.locks[beat.lock]?.key ?? beat.lock}</span>,
    };
  });
}

function workerCards(model: Model, now: number): RackCard[] {
  return Object.values(model.workers).map((worker) => ({
    id: `workers/${worker.id}`,
    host: worker.host,
    name: worker.id,
    shown: workerStatus(worker, model, now),
    seenAt: lastSeen([worker.by], model.readings),
    detail: (
      <>
        {worker.queues !== null && worker.queues.length > 0 && <span>{worker.queues.join(', ')}</span>}
        {worker.brokerNodes.length > 0 && (
          <span>via {worker.brokerNodes.map((id) => shortNodeName(id, model)).join(', ')}</span>
        )}
      </>
    ),
  }));
}
