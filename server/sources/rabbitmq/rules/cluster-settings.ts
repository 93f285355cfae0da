/** What the findings about the cluster's settings share. */
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerCluster } from '#lib/model/rabbitmq.ts';

/** The cluster, where it is described now. */
export function clusterNow(model: Model, now: number): BrokerCluster | null {
  const cluster = model.brokerClusters.rabbitmq;
  return cluster !== undefined && isCurrent(model.readings[cluster.by], now) ? cluster : null;
}

/** A reading of the list of nodes that is current; null = none is. */
export function nodesListedBy(model: Model, now: number): string | null {
  const keys = Object.values(model.brokerNodes).flatMap(({ running }) => running.map(({ by }) => by));
  return keys.find((by) => isCurrent(model.readings[by], now)) ?? null;
}
