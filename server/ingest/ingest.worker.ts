/** The ingest thread: takes Celery's events in, stores them, looks after tasks whose end was missed, and cleans up. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { amqpPidboxWire } from '#server/amqp/pidbox-wire.ts';
import { createMask } from '#server/celery/mask.ts';
import { openTaskWriter } from '#server/history/tasks/sqlite/writer.ts';
import type { Written } from '#server/history/tasks/store.ts';
import { createTaskMetrics } from '#server/observability/task-metrics.ts';
import { systemClock } from '#server/runtime/clock.ts';
import { amqpLinks } from './amqp-link.ts';
import { controlWire, startEnabling } from './enable-events.ts';
import { createInspector } from './inspect.ts';
import { type Intake, startIntake } from './intake.ts';
import { maskedWriter } from './masked-writer.ts';
import { startReconcile } from './reconcile.ts';
import type { WorkerSight } from './reconcile-plan.ts';
import type { FromIngest, IngestOptions, ToIngest } from './report.ts';
import { resultReader } from './result-reader.ts';
import { startUpkeep } from './upkeep.ts';

const PURGE_MS = 60_000;

run(parentPort as MessagePort, workerData as IngestOptions);

function run(port: MessagePort, options: IngestOptions): void {
  const clock = systemClock();
  const writer = maskedWriter(openTaskWriter(options.path), createMask(options.mask));
  const metrics = createTaskMetrics();
  const send = (message: FromIngest) => port.postMessage(message);
  const onProblem = (message: string) => send({ kind: 'problem', message });
  const onWritten = ({ changed }: Written) => metrics.add(changed);

  const intake = startIntake({
    ...{ writer, clock, random: Math.random, onProblem, onWritten },
    ...{ addresses: options.addresses, queue: options.queue, carried: options.carried },
    open: amqpLinks(options.login, options.queue, options.suffix),
    onReport: (report) => send({ kind: 'report', report }),
    onCanaries: (events) => send({ kind: 'canaries', events }),
    onGap: (gap) => reconcile.noteGap(gap),
  });
  const { results, acting, addresses } = options;
  const reader = results === null ? null : resultReader({ ...results, clock });
  const inspector = acting === null ? null : createInspector(amqpPidboxWire(addresses, acting), clock);
  const reconcile = startReconcile({
    ...{ writer, inspect: inspector, results: reader, clock },
    workers: () => sightsOf(intake),
    listeningSince: () => intake.listeningSince,
    onReport: ({ backfilled, orphaned, problem }) => intake.note({ backfilled, orphaned, problem }),
    onWritten: (written) => intake.written(written),
  });
  const stopUpkeep = startUpkeep({
    ...{ writer, clock, onProblem },
    limits: options.retention,
    idle: () => intake.idle,
  });
  const stopEnabling =
    options.enable && acting !== null
      ? startEnabling({ workers: () => intake.workers, open: controlWire(addresses, acting), clock, onProblem })
      : () => {};
  const purge = setInterval(() => metrics.purge(intake.workers, clock.now()), PURGE_MS);

  async function stop(done: Int32Array): Promise<void> {
    clearInterval(purge);
    stopUpkeep();
    stopEnabling();
    reconcile.stop();
    inspector?.close();
    reader?.close();
    try {
      await intake.stop();
      writer.close();
    } finally {
      Atomics.store(done, 0, 1);
      Atomics.notify(done, 0);
      port.close();
    }
  }

  port.on('message', (message: ToIngest) => {
    if (message.kind === 'nodes') reader?.setNodes(message.nodes);
    else if (message.kind === 'metrics') send({ kind: 'metrics', id: message.id, snapshot: metrics.snapshot() });
    else void stop(message.done);
  });
}

function sightsOf({ workers, processesSince }: Intake): WorkerSight[] {
  return workers.map(({ id, state, since, missedTasks }) => ({
    ...{ id, state, since, missedTasks },
    processSince: processesSince.get(id) ?? since,
  }));
}
