/** Short names for things whose full name says too much on a card. */
import type { Kind, Model } from '#lib/model/model.ts';

/** `rabbit-1` for `rabbit-1@host-1`, as long as no other broker node is called the same before the @. */
export function shortNodeName(id: string, model: Pick<Model, 'brokerNodes'>): string {
  const [name = id, place] = id.split('@');
  const namesakes = Object.keys(model.brokerNodes).filter((other) => other.split('@')[0] === name);
  if (namesakes.length <= 1) return name;
  return place ?? id;
}

/** A Redis address as the name of the node that has it, where one is known. */
export function redisName(address: string, service: string, model: Pick<Model, 'redisNodes'>): string {
  return model.redisNodes[`${service}/${address}`]?.name ?? address;
}

/** The name of any entity for people. */
export function entityName(kind: Kind | 'endpoints', id: string, model: Model): string {
  switch (kind) {
    case 'brokerNodes':
      return shortNodeName(id, model);
    case 'redisNodes':
    case 'sentinels':
    case 'queues':
      // Ids also come from addresses that people type: `constructor` is no entity.
      return Object.hasOwn(model[kind], id) ? (model[kind][id]?.name ?? id) : id;
    case 'locks':
      return `lock ${id}`;
    case 'redisServices':
      return `Redis ${id}`;
    default:
      return id;
  }
}
