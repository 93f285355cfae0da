/** CeleryRabbitVersionTrap: a version of Celery that this RabbitMQ, or a kind of queue in it, does not get on with. */
import { someOf } from '#lib/format/list.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';

type Version = readonly [major: number, minor: number];
type Broker = { version: Version; text: string; hasQuorumQueues: boolean };
/** What does not get on: for a worker, and what that means. */
type Trap = { hits(worker: WorkerConfig, broker: Broker): boolean; means: string; advice: string };

const TRAPS: readonly Trap[] = [
  {
    // Transient queues that are not exclusive are denied: those of remote control and of events.
    hits: (worker, { version }) => isFrom(version, [4, 3]) && worker.exclusiveControlQueue !== true,
    means: 'RabbitMQ 4.3 refuses their queues for remote control and events: they cannot start again',
    advice:
      'Celery 5.6 takes control_queue_exclusive = True and event_queue_exclusive = True; older ones need an upgrade, or permit transient_nonexcl_queues in rabbitmq.conf.',
  },
  {
    hits: (worker, { version }) => isFrom(version, [4, 3]) && !detects(worker),
    means: 'RabbitMQ 4.3 refuses the global prefetch that they ask for',
    advice: 'Upgrade to Celery 5.5, which asks for none with quorum queues, or permit global_qos in rabbitmq.conf.',
  },
  {
    hits: (worker, { hasQuorumQueues }) => hasQuorumQueues && !detects(worker),
    means: 'they ask for a global prefetch, which quorum queues refuse: a worker that is to consume one fails',
    advice: 'Upgrade to Celery 5.5 (worker_detect_quorum_queues) before workers consume quorum queues.',
  },
];

export const celeryRabbitVersionTrap: Rule = {
  code: 'CeleryRabbitVersionTrap',
  severity: 'warning',
  posture: true,
  means:
    'RabbitMQ 4 took away what older versions of Celery use: 4.0 removed mirrored queues, 4.3 denies a global prefetch and transient queues that are not exclusive, which Celery’s remote control and events use. Quorum queues never knew a global prefetch. Workers that run go on; after their next connection they do not.',
  mend: 'Upgrade Celery before RabbitMQ: 5.5 knows quorum queues, 5.6 has exclusive queues for remote control and events. Mirrored queues have to be quorum queues before RabbitMQ 4.0.',
  find(model, now) {
    const broker = brokerOf(model, now);
    const workers = configured(model, now).filter(({ celeryVersion }) => celeryVersion !== null);
    if (broker === null) return [];
    const trap = TRAPS.find(({ hits }) => workers.some((worker) => hits(worker, broker)));
    if (trap === undefined) return [];
    const hit = workers.filter((worker) => trap.hits(worker, broker));
    return foundOf(
      hit,
      { model, now },
      {
        text: (names) => `${names} on RabbitMQ ${broker.text}: ${trap.means}.`,
        says: ({ celeryVersion }) => `Celery ${celeryVersion}`,
        advice: { text: trap.advice, command: null },
      },
    ).map((found): Found => ({ ...found, evidence: [...found.evidence, ...broker.evidence] }));
  },
};

function detects({ celeryVersion, detectsQuorumQueues }: WorkerConfig): boolean {
  const version = versionOf(celeryVersion);
  return detectsQuorumQueues === true || (detectsQuorumQueues === null && version !== null && isFrom(version, [5, 5]));
}

/** The newest of the nodes that tell their version: the one that refuses first. */
function brokerOf(model: Model, now: number): (Broker & { evidence: Found['evidence'] }) | null {
  const told = Object.values(model.brokerNodes).flatMap((node) => {
    const by = node.own.find((key) => isCurrent(model.readings[key], now));
    const version = versionOf(node.version);
    return by === undefined || version === null ? [] : [{ id: node.id, by, version, text: node.version ?? '' }];
  });
  const [newest] = told.sort((a, b) => b.version[0] - a.version[0] || b.version[1] - a.version[1]);
  if (newest === undefined) return null;
  const consumed = new Set(Object.values(model.workers).flatMap(({ queues }) => queues ?? []));
  const quorum = Object.values(model.queues).filter(
    (queue) =>
      queue.replication.kind === 'quorum' && consumed.has(queue.name) && isCurrent(model.readings[queue.by], now),
  );
  return {
    ...{ version: newest.version, text: newest.text, hasQuorumQueues: quorum.length > 0 },
    evidence: [
      { by: newest.by, says: `${newest.id} runs RabbitMQ ${newest.text}` },
      ...quorum.slice(0, 1).map(({ by }) => ({ by, says: `quorum: ${someOf(quorum.map(({ name }) => name))}` })),
    ],
  };
}

function versionOf(text: string | null): Version | null {
  const parts = /^(\d{1,4})\.(\d{1,4})/.exec(text ?? '');
  return parts === null ? null : [Number(parts[1]), Number(parts[2])];
}

function isFrom([major, minor]: Version, [fromMajor, fromMinor]: Version): boolean {
  return major > fromMajor || (major === fromMajor && minor >= fromMinor);
}
