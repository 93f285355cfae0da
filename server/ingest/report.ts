/** What the ingest thread and the main thread say to each other. Plain data. */
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import type { Ingest } from '#lib/model/celery.ts';
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import type { AmqpLogin } from '#server/amqp/connection.ts';
import type { CanaryEvent } from '#server/drills/canary.ts';
import type { TaskRetention } from '#server/history/tasks/store.ts';
import type { MetricFamily } from '#server/observability/exposition.ts';
import type { QueueSettings } from './queue.ts';
import type { ResultNode } from './result-reader.ts';
import type { WorkerReport } from './workers.ts';

/** The intake as it tells itself; which reading says so is the model's business. */
export type IngestState = Omit<Ingest, 'by'>;

/** Counts that go on when the thread is started again. */
export type Carried = Pick<IngestState, 'received' | 'rejected' | 'redelivered' | 'skewed' | 'backfilled' | 'orphaned'>;

/** Once a second, and at once when a state changed. */
export type IngestReport = {
  at: number;
  ingest: IngestState;
  workers: readonly WorkerReport[];
  /** Seconds that have ended since the last report; none while the intake is blind. */
  seconds: readonly ThroughputSecond[];
  /** Tasks whose record changed since the last report. */
  changed: number;
};

/** Everything that the thread needs; secrets are in it, so it goes nowhere else. */
export type IngestOptions = {
  /** The file of the tasks. */
  path: string;
  addresses: readonly BrokerAddress[];
  login: AmqpLogin;
  queue: QueueSettings;
  /** Makes the name of an exclusive queue unique. */
  suffix: string;
  retention: TaskRetention;
  /** Names whose values are masked in what tasks print; those of `createMask` unless told. */
  mask?: readonly string[];
  /** For questions to workers, and for telling them to send events; null = there are no credentials to act with. */
  acting: AmqpLogin | null;
  /** Workers that send no task events are told to. */
  enable: boolean;
  /** Where Celery keeps results; null = not configured. */
  results: {
    user?: string | undefined;
    password?: string | undefined;
    db: number;
    keyPrefix: string;
    nodes: readonly ResultNode[];
  } | null;
  carried: Carried | null;
};

export type ToIngest =
  | { kind: 'nodes'; nodes: readonly ResultNode[] }
  | { kind: 'metrics'; id: number }
  /** `done` is set and notified when everything is stored, acknowledged and closed. */
  | { kind: 'stop'; done: Int32Array };

export type FromIngest =
  | { kind: 'report'; report: IngestReport }
  | { kind: 'metrics'; id: number; snapshot: readonly MetricFamily[] }
  /** For the log. */
  | { kind: 'problem'; message: string }
  | { kind: 'canaries'; events: readonly CanaryEvent[] };
