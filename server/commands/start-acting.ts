/** What acts on Celery, as the running Trellis holds it: the hands, and what they are at. */
import { pid } from 'node:process';
import type { Model } from '#lib/model/model.ts';
import type { Audit } from '#server/audit/audit.ts';
import type { LoadedConfig } from '#server/config/load.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { IngestOptions } from '#server/ingest/report.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { resultService } from '#server/runtime/intake.ts';
import { createHands, type Hands } from './hands.ts';
import { createOperations, type Operations } from './operations.ts';

export type ActingOptions = {
  config: LoadedConfig;
  /** null = the configuration has no `celery:`. */
  intake: IngestOptions | null;
  tasks: TaskReader | null;
  model(): Model;
  audit: Pick<Audit, 'append'>;
  clock: TimerClock;
  /** For the log. */
  onProblem(message: string): void;
};

export type Acting = {
  /** null = there is no `celery:`, or there are no credentials to act. */
  hands: Hands | null;
  operations: Operations;
  /** Calls off what is under way, and closes the connections. */
  stop(): void;
};

/** Starts nothing yet: connections are made when somebody acts. */
export function startActing({ config, intake, tasks, audit, onProblem, ...rest }: ActingOptions): Acting {
  const { entrances } = config;
  const service = resultService(config);
  const hands =
    intake === null || tasks === null
      ? null
      : createHands({ ...rest, intake, tasks, entrances, resultService: service, pid, maskedNames: config.tasks.mask });
  const operations = createOperations({ clock: rest.clock, audit, onProblem });
  return {
    ...{ hands, operations },
    stop() {
      void operations.stop().then(() => hands?.close());
    },
  };
}
