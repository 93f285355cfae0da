/** How a Celery worker is set up, as far as it decides what a failure costs. Durations are milliseconds, times epoch ms. */

/** One worker process; null = it did not tell. */
export type WorkerConfig = {
  /** As in `celeryWorkers`. */
  id: string;
  /** The process that was asked: another one may be set up otherwise. */
  pid: number | null;
  askedAt: number;
  /** It acknowledges a task after it ran, and not as it begins. */
  acksLate: boolean | null;
  /** A task whose process died goes back to the queue. */
  rejectOnWorkerLost: boolean | null;
  /** Messages that it takes ahead for each process of its pool; 0 = without bound. */
  prefetchMultiplier: number | null;
  /** Messages that it may hold now. */
  prefetchCount: number | null;
  concurrency: number | null;
  /** Processes of its pool; null = it has none, they come and go by themselves (autoscale), or it did not tell. */
  processes: number | null;
  /** 0 = none: a connection that is cut off is not noticed. */
  brokerHeartbeatMs: number | null;
  brokerConnectionRetry: boolean | null;
  brokerConnectionRetryOnStartup: boolean | null;
  taskTrackStarted: boolean | null;
  /** The setting `worker_send_task_events`; `-E` on the command line does the same and is not seen here. */
  taskEvents: boolean | null;
  sentEvents: boolean | null;
  /** The hard limit for one run; null = there is none, or it did not tell. */
  taskTimeLimitMs: number | null;
  /** Of brokers that keep no acknowledgements themselves (Redis); null elsewhere. */
  visibilityTimeoutMs: number | null;
  resultExpiresMs: number | null;
  /** `5.2.6`. */
  celeryVersion: string | null;
  /** `amqp`, `redis`, … */
  brokerTransport: string | null;
  /** The host that it is connected to. */
  brokerHost: string | null;
  /** Celery 5.5: no global prefetch on quorum queues. */
  detectsQuorumQueues: boolean | null;
  /** Celery 5.6: queues of remote control and of events that RabbitMQ 4.3 takes. */
  exclusiveControlQueue: boolean | null;
  by: string;
};
