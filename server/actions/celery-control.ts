/** Celery's remote control (pidbox) with the acting credentials. One of the few places that change the outside world. */
import {
  type ControlOutcome,
  EVERY_WORKER,
  type InspectMethod,
  type Signal,
  type WorkerCommand,
} from '#lib/contract/control.ts';
import type { Model } from '#lib/model/model.ts';
import type { PidboxClient } from '#server/amqp/pidbox-client.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { runChecked } from './checked-command.ts';
import { runRevoke } from './revoke.ts';
import { scrubConf } from './scrub-conf.ts';
import { runDrain, runShutdown } from './stop-worker.ts';
import { type OnStep, type Talk, tell, wordsOf } from './talk.ts';

/** All reject with an Error of code BROKER_UNREACHABLE when no broker can be reached. */
export type CeleryControl = {
  /** Asks workers; `workers` null = all that answer within the time. Replies by node name, secrets scrubbed. */
  inspect(
    method: InspectMethod,
    options: { workers: readonly string[] | null; arguments?: Readonly<Record<string, unknown>>; timeoutMs: number },
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Sends one command and waits for acknowledgements; does not verify. */
  send(
    method: string,
    options: { workers: readonly string[] | null; arguments: Readonly<Record<string, unknown>>; timeoutMs: number },
  ): Promise<Readonly<Record<string, unknown>>>;
  /** Commands a worker and watches until its effect is seen or the time is over; `onStep` hears how far it is. */
  command(command: WorkerCommand, signal: AbortSignal, onStep?: OnStep): Promise<ControlOutcome>;
  /** Revokes, and watches; `terminate` also ends them where they run. */
  revoke(
    ids: readonly string[],
    options: { terminate: boolean; signal: Signal },
    abort: AbortSignal,
    onStep?: OnStep,
  ): Promise<ControlOutcome>;
  close(): Promise<void>;
};

export type CeleryControlOptions = {
  client: PidboxClient;
  clock: TimerClock;
  /** The estate now. */
  model(): Model;
  /** Where the ends of tasks show; null = they are not kept. */
  tasks: Pick<TaskReader, 'task'> | null;
};

/** Control over a client of workers' remote control, which it closes. */
export function createCeleryControl({ client, clock, model, tasks }: CeleryControlOptions): CeleryControl {
  const talk = (signal: AbortSignal, onStep: OnStep = () => undefined): Talk => ({
    client,
    clock,
    model,
    onStep,
    signal,
  });
  const ask: CeleryControl['send'] = async (method, { workers, arguments: args, timeoutMs }) => {
    const { replies } = await tell({ client, clock, model }, workers, { method, arguments: args }, timeoutMs);
    return wordsOf(replies);
  };
  return {
    async inspect(method, { arguments: args = {}, ...options }) {
      const replies = await ask(method, { ...options, arguments: args });
      return method === 'conf' ? (scrubConf(replies) as typeof replies) : replies;
    },
    send: ask,
    command(command, signal, onStep) {
      const to = talk(signal, onStep);
      to.onStep('requested', `Asking ${command.worker ?? `${EVERY_WORKER} workers`}.`);
      if (command.method === 'shutdown') return runShutdown(to, command.worker);
      if (command.method === 'drain') return runDrain(to, command.worker, command.waitSeconds * 1_000);
      return runChecked(to, command);
    },
    revoke(ids, { terminate, signal }, abort, onStep) {
      const to = talk(abort, onStep);
      to.onStep('requested', 'Telling all workers.');
      return runRevoke(to, tasks, { ids, terminate, signal });
    },
    async close() {
      client.close();
    },
  };
}
