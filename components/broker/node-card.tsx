'use client';
/** One broker node. */
import { Copyable } from '#components/ui/copyable.tsx';
import { STATUS_EDGE, StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age } from '#components/ui/time.tsx';
import { alarmText, amqpText, criticalText } from '#lib/format/broker-node.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatBytes, formatCount } from '#lib/format/quantity.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import { readingKey } from '#lib/model/reading.ts';
import { brokerNodeStatus, lastSeen } from '#lib/model/status.ts';
import { Fact, Facts } from './facts.tsx';

type NodeCardProps = {
  node: BrokerNode;
  /** Task queues that it leads. */
  led: number;
  isSelected: boolean;
  model: Model;
  now: number;
};

/** A node with all that is told of it. */
export function NodeCard({ node, led, isSelected, model, now }: NodeCardProps) {
  const shown = brokerNodeStatus(node, model, now);
  const seenAt = lastSeen([...node.own, ...node.running.map((claim) => claim.by), node.resourcesBy], model.readings);
  const speaks = shown.status !== 'down' && shown.status !== 'stale' && shown.status !== 'unknown';
  return (
    <li
      data-entity={`brokerNodes/${node.id}`}
      data-status={shown.status}
      aria-current={isSelected || undefined}
      className={`min-w-0 scroll-m-4 rounded-md border px-2.5 py-2 aria-current:bg-raised aria-current:outline-2 aria-current:outline-accent ${STATUS_EDGE[shown.status]}`}
    >
      <div className="mb-1.5 flex flex-wrap items-baseline gap-x-2">
        <h3 className="min-w-0 truncate font-semibold" title={node.id}>
          {shortNodeName(node.id, model)}
        </h3>
        {led > 0 && <Tag look={speaks ? 'lead' : 'plain'}>★ leads {formatCount(led, 'queue')}</Tag>}
        <StatusMark {...shown} />
        <span className="ml-auto text-[11px] text-text-3" title="age of what is shown">
          <Age at={seenAt} />
        </span>
      </div>
      <NodeFacts node={node} model={model} now={now} />
    </li>
  );
}

function NodeFacts({ node, model, now }: { node: BrokerNode; model: Model; now: number }) {
  const told = (key: string | null) => key !== null && isCurrent(model.readings[key], now);
  const resources = told(node.resourcesBy);
  const lastKnown = resources || node.resourcesBy === null ? '' : ', last known';
  const alarm = alarmText(node);
  const amqp = amqpText(node.amqp, told(node.amqp?.by ?? null));
  const critical = criticalText(node.critical, told(readingKey('rabbitmq', node.id, 'critical')));
  const drained = node.beingDrained === null ? 'not told' : node.beingDrained ? 'yes' : 'no';
  return (
    <Facts>
      <Fact name="Node">
        <Copyable text={node.id} />
      </Fact>
      <Fact name="AMQP address">
        <span className="font-mono">{node.address ?? 'not configured'}</span>
      </Fact>
      <Fact name="Version">{node.version ?? 'not told'}</Fact>
      <Fact name={`Memory${lastKnown}`}>
        <Memory node={node} />
      </Fact>
      <Fact name={`Alarms${lastKnown}`} bad={alarm.bad}>
        {alarm.text}
      </Fact>
      <Fact name="Draining" bad={node.beingDrained === true}>
        {drained}
      </Fact>
      <Partitions node={node} model={model} now={now} />
      <Fact name="AMQP link" bad={amqp.bad}>
        {amqp.text}
      </Fact>
      <Fact name="If it went now" bad={critical.bad}>
        {critical.text}
      </Fact>
    </Facts>
  );
}

function Memory({ node: { memoryUsedBytes: used, memoryLimitBytes: limit, memoryAlarm } }: { node: BrokerNode }) {
  if (used === null) return 'not told';
  if (limit === null || limit <= 0) return formatBytes(used);
  return (
    <>
      {formatBytes(used)} of {formatBytes(limit)}
      <span aria-hidden className="mt-0.5 block h-1 overflow-hidden rounded-sm bg-line">
        <span
          className={`block h-full ${memoryAlarm === true ? 'bg-degraded' : 'bg-text-3'}`}
          style={{ width: `${Math.min(100, (used / limit) * 100)}%` }}
        />
      </span>
    </>
  );
}

function Partitions({ node, model, now }: { node: BrokerNode; model: Model; now: number }) {
  const [claim] = node.partitions;
  const current = claim !== undefined && isCurrent(model.readings[claim.by], now);
  const peers = claim === undefined || claim.value === '' ? [] : claim.value.split(',');
  const cutOff = `cut off from ${peers.map((id) => shortNodeName(id, model)).join(', ')}`;
  return (
    <Fact name={claim === undefined || current ? 'Partitions' : 'Partitions, last known'} bad={peers.length > 0}>
      {claim === undefined ? 'not told' : peers.length === 0 ? 'none' : cutOff}
    </Fact>
  );
}
