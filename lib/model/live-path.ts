/**
 * The live path: which parts a task really passes now: 1 published through a proxy, 2 held by the broker nodes that lead
 * the task queues, 3 worked on, 4 its result written through a proxy to the Redis node that serves. Pure.
 */
import { isCurrent } from './freshness.ts';
import type { Kind, Model } from './model.ts';
import { taskQueues } from './queues.ts';

/** The steps (1 to 4) that lead through a part, by `<kind>/<id>`; what is not seen now is on no path. */
export type LivePath = ReadonlyMap<string, readonly number[]>;

export function livePathOf(model: Model, now: number): LivePath {
  const path = new Map<string, number[]>();
  const pass = (kind: Kind, id: string, step: number) => {
    const key = `${kind}/${id}`;
    const steps = path.get(key) ?? [];
    if (!steps.includes(step)) path.set(key, [...steps, step].sort());
  };
  for (const proxy of Object.values(model.proxies)) {
    if (!isCurrent(model.readings[proxy.own], now)) continue;
    for (const { carries, servers, serving } of proxy.backends) {
      const targets = servers.filter(({ name }) => serving.includes(name)).map(({ target }) => target);
      if (targets.length === 0 || carries === 'other') continue;
      pass('proxies', proxy.id, carries === 'broker' ? 1 : 4);
      if (carries !== 'results') continue;
      for (const target of targets) if (target !== null) pass(target.kind, target.id, 4);
    }
  }
  const { all, ledBy } = taskQueues(model.queues);
  // Queues come from one reading.
  const seesQueues = isCurrent(model.readings[all[0]?.by ?? ''], now);
  for (const leader of seesQueues ? ledBy.keys() : []) pass('brokerNodes', leader, 2);
  for (const worker of Object.values(model.workers)) {
    if (!isCurrent(model.readings[worker.by], now) || worker.goneSince !== null) continue;
    if ((worker.queues?.length ?? 0) > 0) pass('workers', worker.id, 3);
  }
  return path;
}
