/** What is not well, worst first: the plain facts behind the header's sentence. Pure. */
import { isCurrent } from './freshness.ts';
import type { Kind, Model } from './model.ts';
import { partsOf } from './parts.ts';
import { missingCount, taskQueues } from './queues.ts';
import { lockStatus, redisServiceStatus, type Shown, type Status } from './status.ts';

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
  'locks',
  'redisServices',
  'redisNodes',
  'workers',
  'proxies',
  'beats',
  'sentinels',
  'consulServers',
];

/**
 * Every part that is not ok, and what no single part shows: a queue with copies missing, a lock that nobody holds, a
 * result store with two masters. At `now` (epoch ms).
 */
export function problemsOf(model: Model, now: number): Problem[] {
  const parts = partsOf(model, now).flatMap(({ kind, id, status, word }): Problem[] =>
    status === 'ok' ? [] : [{ kind, id, host: hostOf(model, kind, id), shown: { status, word } }],
  );
  return [...parts, ...queueProblems(model, now), ...sharedProblems(model, now)].sort(
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
    const problem = (status: Status, word: string): Problem[] => [
      { kind: 'queues', id: queue.id, host: null, shown: { status, word } },
    ];
    if (leader === null) return problem('down', 'has no leader');
    return missing > 0 ? problem('degraded', `${missing} of ${wanted} copies missing`) : [];
  });
}

/** Only what is known to be ill: that nobody can tell shows on the parts behind it. */
function sharedProblems(model: Model, now: number): Problem[] {
  const locks = Object.values(model.locks).map((lock) => ['locks', lock.id, lockStatus(lock, model, now)] as const);
  const services = Object.values(model.redisServices).map(
    (service) => ['redisServices', service.id, redisServiceStatus(service, model, now)] as const,
  );
  return [...locks, ...services]
    .filter(([, , { status }]) => status === 'down' || status === 'degraded')
    .map(([kind, id, shown]) => ({ kind, id, host: null, shown }));
}
