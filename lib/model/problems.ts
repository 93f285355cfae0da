/** What is not well, worst first: the plain facts behind the header's sentence. Pure. */
import { isCurrent } from './freshness.ts';
import type { Kind, Model } from './model.ts';
import { partsOf } from './parts.ts';
import { missingCount, taskQueues } from './queues.ts';
import type { Shown, Status } from './status.ts';

export type Problem = { kind: Kind; id: string; host: string | null; shown: Shown };

const GRAVITY: Readonly<Record<Status, number>> = {
  down: 0,
  degraded: 1,
  stale: 2,
  unknown: 3,
  maintenance: 4,
  ok: 5,
};

/** Of equal gravity, what stops tasks comes before what guards them. */
const KIND_ORDER: readonly Kind[] = [
  'queues',
  'brokerNodes',
  'redisNodes',
  'workers',
  'proxies',
  'beats',
  'sentinels',
  'consulServers',
];

/** Every part that is not ok, and every task queue with a copy missing, at `now` (epoch ms). */
export function problemsOf(model: Model, now: number): Problem[] {
  const parts = partsOf(model, now).flatMap(({ kind, id, status, word }): Problem[] =>
    status === 'ok' ? [] : [{ kind, id, host: hostOf(model, kind, id), shown: { status, word } }],
  );
  return [...parts, ...queueProblems(model, now)].sort(
    (a, b) =>
      GRAVITY[a.shown.status] - GRAVITY[b.shown.status] ||
      KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind) ||
      a.id.localeCompare(b.id),
  );
}

function hostOf(model: Model, kind: Kind, id: string): string | null {
  const entity = model[kind][id];
  return entity !== undefined && 'host' in entity ? entity.host : null;
}

function queueProblems(model: Model, now: number): Problem[] {
  return taskQueues(model.queues).impaired.flatMap((queue): Problem[] => {
    if (!isCurrent(model.readings[queue.by], now)) return [];
    const { leader, wanted } = queue.replication;
    const missing = missingCount(queue.replication) ?? 0;
    if (leader === null) return [problem(queue.id, 'down', 'has no leader')];
    if (missing > 0) return [problem(queue.id, 'degraded', `${missing} of ${wanted} copies missing`)];
    return [];
  });
}

function problem(id: string, status: Status, word: string): Problem {
  return { kind: 'queues', id, host: null, shown: { status, word } };
}
