/** What the findings about RabbitMQ share about its nodes. */

import { andList } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { settle } from '#lib/model/claims.ts';
import type { Evidence } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import { brokerNodeStatus } from '#lib/model/status.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects } from '#server/model/explanations.ts';

/** The subject of what concerns RabbitMQ as a whole. */
export const CLUSTER: Subject = { kind: 'brokerClusters', id: 'rabbitmq' };

/** `rabbit-1 and rabbit-2`. */
export function nodeNames(ids: readonly string[], model: Model): string {
  return andList(ids.map((id) => shortNodeName(id, model)));
}

/** Broker nodes and their hosts, as explanations. */
export function nodeSubjects(ids: readonly string[], model: Model): Subject[] {
  return ids.flatMap((id) => [...hostSubjects(model.brokerNodes[id]?.host ?? null), { kind: 'brokerNodes', id }]);
}

/** Closes its listeners by order: its peers say that it runs and is drained. */
export function isDraining(node: BrokerNode, model: Model, now: number): boolean {
  return node.beingDrained === true && settle(node.running, model.readings, now).value === true;
}

/** Ids of the nodes that serve nobody, hung ones too. */
export function downNodes(model: Model, now: number): string[] {
  return Object.values(model.brokerNodes)
    .filter((node) => brokerNodeStatus(node, model, now).status === 'down' && !isDraining(node, model, now))
    .map(({ id }) => id);
}

/** Ids of the nodes that are down, or not as they should be. */
export function ailingNodes(model: Model, now: number): string[] {
  return Object.values(model.brokerNodes)
    .filter((node) => ['down', 'degraded', 'maintenance'].includes(brokerNodeStatus(node, model, now).status))
    .map(({ id }) => id);
}

/** The nodes that say now of this one that it does (not) run. */
export function witnesses(node: BrokerNode, runs: boolean, model: Model, now: number): Evidence[] {
  const name = shortNodeName(node.id, model);
  return settle(node.running, model.readings, now)
    .current.filter(({ value }) => value === runs)
    .map(({ by }) => ({ by, says: `${name} ${runs ? 'runs' : 'does not run'}` }));
}

/** Who said it, by the names of the broker nodes. */
export function speakers(evidence: readonly Evidence[], model: Model): string {
  return nodeNames(
    evidence.map(({ by }) => model.readings[by]?.endpoint ?? by),
    model,
  );
}

/** What became of the questions that Trellis asks the node itself, and that are not answered now. */
export function unanswered(node: BrokerNode, model: Model, now: number): Evidence[] {
  return [...node.own, ...(node.amqp === null ? [] : [node.amqp.by])].flatMap((by): Evidence[] => {
    const reading = model.readings[by];
    if (reading === undefined || isCurrent(reading, now)) return [];
    return [{ by, says: reading.failure?.message ?? 'no answer comes any more' }];
  });
}

/** Where a command for the node's host is to be run. */
export function onHost(node: BrokerNode, model: Model): string {
  return node.host === null ? `on the host of ${shortNodeName(node.id, model)}` : `on ${node.host}`;
}

/** Versions that the nodes tell of themselves now. */
export function versionsTold(model: Model, now: number): { node: BrokerNode; version: string; by: string }[] {
  return Object.values(model.brokerNodes).flatMap((node) => {
    const { version, resourcesBy: by } = node;
    return version === null || by === null || !isCurrent(model.readings[by], now) ? [] : [{ node, version, by }];
  });
}

/** RabbitMQ 4 has no mirrors any more; what does not tell its version may be a 3. */
export function mayMirror(model: Model): boolean {
  const versions = Object.values(model.brokerNodes).flatMap(({ version }) => version ?? []);
  return versions.length === 0 || versions.some((version) => version.startsWith('3.'));
}
