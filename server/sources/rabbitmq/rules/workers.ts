/** What the findings about workers share. */

import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { Worker } from '#lib/model/rabbitmq.ts';
import { readingKey } from '#lib/model/reading.ts';
import { workerStatus } from '#lib/model/status.ts';
import type { Subject } from '#lib/model/transition.ts';
import { hostSubjects } from '#server/model/explanations.ts';
import { ailingNodes, nodeSubjects } from './broker-nodes.ts';

/** The reading that tells who consumes what. */
export const CONSUMERS = readingKey('rabbitmq', 'cluster', 'consumers');

/** Workers that have left. */
export function goneWorkers(model: Model, now: number): Worker[] {
  return Object.values(model.workers).filter((worker) => workerStatus(worker, model, now).status === 'down');
}

/** Workers that are there and consume nothing. */
export function idleWorkers(model: Model, now: number): Worker[] {
  if (!isCurrent(model.readings[CONSUMERS], now)) return [];
  return Object.values(model.workers).filter((worker) => workerStatus(worker, model, now).status === 'degraded');
}

/** What a worker needs: its host, the proxies there, and the broker node that it is (or was) connected to. */
export function needsOf(worker: Worker, model: Model, now: number): Subject[] {
  const { host } = worker;
  const proxies = host === null ? [] : Object.values(model.proxies).filter((proxy) => proxy.host === host);
  // Who is gone names no broker node any more: its proxy's first choice was most likely the one.
  const choices = proxies
    .flatMap(({ backends }) => backends.flatMap(({ servers }) => servers))
    .flatMap(({ backup, target }) => (!backup && target?.kind === 'brokerNodes' ? [target.id] : []));
  const nodes = proxies.length === 0 ? ailingNodes(model, now) : choices;
  return [
    ...hostSubjects(host),
    ...proxies.map(({ id }): Subject => ({ kind: 'proxies', id })),
    ...nodeSubjects([...new Set([...worker.brokerNodes, ...nodes])], model),
  ];
}
