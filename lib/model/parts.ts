/** Every part of the estate that can be well or ill, with the status that is shown for it. */
import type { Kind, Model } from './model.ts';
import {
  beatStatus,
  brokerNodeStatus,
  consulServerStatus,
  proxyStatus,
  redisNodeStatus,
  type Shown,
  sentinelStatus,
  workerStatus,
} from './status.ts';

export type Part = { kind: Kind; id: string } & Shown;

/** All parts at `now` (epoch ms), kind by kind. */
export function partsOf(model: Model, now: number): Part[] {
  const parts = <E extends { id: string }>(
    kind: Kind,
    entities: Readonly<Record<string, E>>,
    rule: (entity: E, model: Model, now: number) => Shown,
  ) => Object.values(entities).map((entity) => ({ kind, id: entity.id, ...rule(entity, model, now) }));
  return [
    ...parts('proxies', model.proxies, proxyStatus),
    ...parts('brokerNodes', model.brokerNodes, brokerNodeStatus),
    ...parts('redisNodes', model.redisNodes, redisNodeStatus),
    ...parts('sentinels', model.sentinels, sentinelStatus),
    ...parts('consulServers', model.consulServers, consulServerStatus),
    ...parts('beats', model.beats, beatStatus),
    ...parts('workers', model.workers, workerStatus),
  ];
}
