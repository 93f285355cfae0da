/** What the findings about Redis share: who is gone, what explains what, and what to type. Pure. */

import { redisName } from '#lib/format/names.ts';
import type { Evidence } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import { nodesOf } from '#lib/model/masters.ts';
import type { Model } from '#lib/model/model.ts';
import { type Reading, readingKey } from '#lib/model/reading.ts';
import type { RedisNode, RedisService, Sentinel, SentinelView } from '#lib/model/redis.ts';
import { redisNodeStatus, sentinelStatus } from '#lib/model/status.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects, isRefusedNow } from '#server/model/explanations.ts';
import { sentinelEndpointId } from '#server/sources/redis/endpoint-id.ts';

/** A data node and its host, as an explanation. */
export function blaming(node: RedisNode): Subject[] {
  return [{ kind: 'redisNodes', id: node.id }, ...hostSubjects(node.host)];
}

/** Why Trellis got no answer; null = it got one, or never asked. */
export function silenceOf(reading: Reading | undefined, now: number): string | null {
  if (reading === undefined || isCurrent(reading, now)) return null;
  return reading.failure?.message ?? 'no answer comes any more';
}

/** A node that certainly serves nobody: the Sentinels call it down, or it refuses connections and no replica follows it. */
export function isGone(node: RedisNode, model: Model, now: number): boolean {
  if (redisNodeStatus(node, model, now).status === 'down') return true;
  const followed = Object.values(model.redisNodes).some(
    (other) =>
      other.service === node.service &&
      other.linkUp === true &&
      other.masterAddress === node.address &&
      isCurrent(model.readings[other.own ?? ''], now),
  );
  return node.own !== null && isRefusedNow(model.readings[node.own], now) && !followed;
}

/** The nodes of a service that are gone, and their hosts, as explanations. */
export function goneNodes(service: RedisService, model: Model, now: number): Subject[] {
  return nodesOf(service, model)
    .filter((node) => isGone(node, model, now))
    .flatMap(blaming);
}

/** True when its peers call it down, or it refuses connections. */
export function isSentinelGone(sentinel: Sentinel, model: Model, now: number): boolean {
  return sentinelStatus(sentinel, model, now).status === 'down' || isRefusedNow(model.readings[sentinel.own], now);
}

/** The Sentinels that are gone, and their hosts, as explanations. */
export function goneSentinels(model: Model, now: number): Subject[] {
  return Object.values(model.sentinels)
    .filter((one) => isSentinelGone(one, model, now))
    .flatMap((one): Subject[] => [{ kind: 'sentinels', id: one.id }, ...hostSubjects(one.host)]);
}

/** The data nodes of a service that answer now, each with its reading. */
export function answering(service: RedisService, model: Model, now: number): (RedisNode & { own: string })[] {
  return nodesOf(service, model).flatMap((node) =>
    node.own !== null && isCurrent(model.readings[node.own], now) ? [{ ...node, own: node.own }] : [],
  );
}

/** The Sentinels that answer now, each with what it says of a service. */
export function viewsOf(
  service: RedisService,
  model: Model,
  now: number,
): { sentinel: Sentinel; view: SentinelView }[] {
  return Object.values(model.sentinels)
    .filter(({ own }) => isCurrent(model.readings[own], now))
    .flatMap((sentinel) =>
      sentinel.views.filter((view) => view.service === service.id).map((view) => ({ sentinel, view })),
    );
}

/** The reading behind a Sentinel's own check of the quorum and its TILT mode, where that is current. */
export function ownCheckOf(sentinel: Sentinel, model: Model, now: number): string | null {
  const key = readingKey('redis', sentinelEndpointId(sentinel.id), 'quorum');
  return isCurrent(model.readings[key], now) ? key : null;
}

/** The name of the Sentinel behind a reading. */
export function sentinelBehind(by: string, model: Model): string {
  return Object.values(model.sentinels).find(({ own }) => own === by)?.name ?? by;
}

/** The name of the node that a Sentinel calls master; it may know none. */
export function masterName(address: string | null, service: RedisService, model: Model): string {
  return address === null ? 'no master' : redisName(address, service.id, model);
}

/** What a setting of the service rests on, as long as the Sentinel that told it still answers. */
export function settingBy(service: RedisService, model: Model, now: number): string | null {
  const by = service.master[0]?.by;
  return by !== undefined && isCurrent(model.readings[by], now) ? by : null;
}

/** One line of evidence for each node. */
export function each<N extends RedisNode & { own: string }>(
  nodes: readonly N[],
  says: (node: N) => string,
): Evidence[] {
  return nodes.map((node) => ({ by: node.own, says: `${node.name}: ${says(node)}` }));
}

/** The two parts of an address, as a command wants them. */
export function hostAndPort(address: string): [host: string, port: string] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon).replace(/^\[|\]$/g, ''), address.slice(colon + 1)];
}

/** `redis-cli -h 10.0.0.1 -p 6379 …`. */
export function redisCli(address: string, command: string): string {
  const [host, port] = hostAndPort(address);
  return `redis-cli -h ${host} -p ${port} ${command}`;
}

/** The same command for several addresses, a line each; null = there are none. */
export function redisCliEach(addresses: readonly string[], command: string): string | null {
  return addresses.length === 0 ? null : addresses.map((address) => redisCli(address, command)).join('\n');
}

/** A setting of the service, given to every Sentinel that answers: each has its own. */
export function sentinelSet(service: RedisService, setting: string, model: Model, now: number): string | null {
  const addresses = viewsOf(service, model, now).map(({ sentinel }) => sentinel.id);
  return redisCliEach(addresses, `SENTINEL SET ${service.masterName} ${setting}`);
}
