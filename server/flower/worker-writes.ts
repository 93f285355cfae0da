/** Flower's commands to workers, over the same remote control as Trellis's own. An `ok` is a worker's word, no more. */
import { EVERY_WORKER, type WorkerCommand, workerCommandSchema } from '#lib/contract/control.ts';
import type { ActionId } from '#lib/permissions.ts';
import { pidboxError } from '#server/celery/pidbox.ts';
import type { Effect } from '#server/http/gate.ts';
import { type FlowerContext, handsOf } from './context.ts';
import { FlowerError, reached } from './text.ts';
import { workerOf } from './workers.ts';
import type { FlowerInput, PrepareWrite } from './write.ts';

/** As long as Flower waits for a worker's answer. */
const ANSWER_MS = 1_000;
/** For commands that nobody answers, or whose answers nobody waits for in Flower. */
const SENT_MS = 200;

type Method = Exclude<WorkerCommand['method'], 'drain'>;
type Words = {
  action: ActionId;
  /** The rest of the command beside its method and worker. */
  fields(input: FlowerInput): object;
  /** What is said when the worker agrees; null = the worker's own words. */
  agreed: ((name: string, command: Command) => string) | null;
  failed(name: string, reason: string, command: Command): string;
};
type Command = Readonly<Record<string, unknown>>;

const pool = (verb: string, doing: string): Words => ({
  action: 'worker.pool',
  fields: ({ given }) => ({ n: given.integer('n', 1) }),
  agreed: (name, { n }) => `${doing} '${name}' worker's pool by ${n}`,
  failed: (name, reason) => `Failed to ${verb} '${name}' worker's pool: ${reason}`,
});
const consumer = (verb: string, preposition: string): Words => ({
  action: 'worker.consumers',
  fields: ({ given }) => ({ queue: given.required('queue') }),
  agreed: null,
  failed: (name, reason, { queue }) =>
    `Failed to ${verb} '${queue}' consumer ${preposition} '${name}' worker: ${reason}`,
});

const POOL_WORDS = {
  pool_grow: pool('grow', 'Growing'),
  pool_shrink: pool('shrink', 'Shrinking'),
  pool_restart: {
    action: 'worker.restart-pool',
    fields: () => ({}),
    agreed: (name) => `Restarting '${name}' worker's pool`,
    failed: (name, reason) => `Failed to restart the '${name}' pool: ${reason}`,
  },
  autoscale: {
    action: 'worker.pool',
    fields: ({ given }) => ({ min: Number(given.required('min')), max: Number(given.required('max')) }),
    agreed: (name, { min, max }) => `Autoscaling '${name}' worker (min=${min}, max=${max})`,
    failed: (name, reason) => `Failed to autoscale '${name}' worker: ${reason}`,
  },
  add_consumer: consumer('add', 'to'),
  cancel_consumer: consumer('cancel', 'from'),
} as const satisfies Partial<Record<Method, Words>>;

/** A command to one worker that answers. */
export function workerWrite(method: keyof typeof POOL_WORDS): PrepareWrite {
  const words: Words = POOL_WORDS[method];
  return (context, input) => {
    const { name } = input;
    workerOf(context, name);
    const command = checked({ method, worker: name, ...words.fields(input) });
    return {
      ...{ action: words.action, target: name, body: command },
      effect: () =>
        commanded(context, command, name, {
          agreed: words.agreed === null ? null : words.agreed(name, command),
          failed: (reason) => words.failed(name, reason, command),
        }),
    };
  };
}

/** `/api/worker/shutdown/<w>`: a worker that shuts down does not answer. */
export const shutdownWorker: PrepareWrite = (context, { name }) => {
  workerOf(context, name);
  const command = checked({ method: 'shutdown', worker: name });
  return {
    ...{ action: 'worker.shutdown', target: name, body: command },
    async effect() {
      await handsOf(context).control.send('shutdown', { workers: [name], arguments: {}, timeoutMs: SENT_MS });
      return { body: { message: 'Shutting down!' }, outcome: 'not-verified', details: { sent: command } };
    },
  };
};

/** `/api/task/timeout/<name>` and `/api/task/rate-limit/<name>`: limits of a kind of task, at one worker. */
export function limitWrite(method: 'time_limit' | 'rate_limit'): PrepareWrite {
  return (context, { name, given }) => {
    const worker = given.required('workername');
    const limits =
      method === 'rate_limit'
        ? { rate: given.required('ratelimit') }
        : { soft: given.number('soft'), hard: given.number('hard') };
    workerOf(context, worker);
    const command = checked({ method, worker, task: name, ...limits });
    const what = method === 'rate_limit' ? 'rate limit' : 'timeouts';
    return {
      ...{ action: 'worker.limits', target: `${worker} ${name}`, body: command },
      async effect() {
        await requireTask(context, name, worker);
        return commanded(context, command, worker, {
          agreed: null,
          failed: (reason) => `Failed to set ${what}: '${reason}'`,
        });
      },
    };
  };
}

/** The worker has this kind of task; null = any worker has. @throws FlowerError 404 in Flower's words */
export async function requireTask(context: FlowerContext, name: string, worker: string | null): Promise<void> {
  // Celery's own tasks are on every worker, and not in its list.
  if (name.startsWith('celery.')) return;
  const { replies } = await reached(handsOf(context).inspections.ask(worker ?? EVERY_WORKER, { method: 'registered' }));
  const names = Object.values(replies).flatMap((one) => (Array.isArray(one) ? one : []));
  // Each is `name`, or `name [rate_limit=10/s]`.
  if (!names.some((one) => String(one).split(' ', 1)[0] === name)) throw new FlowerError(404, `Unknown task '${name}'`);
}

/** A worker ignores what it does not know and acts all the same, so nothing leaves that is not checked. @throws FlowerError 400 */
function checked(command: object): Command {
  const parsed = workerCommandSchema.safeParse(command);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new FlowerError(400, [issue?.path.join('.'), issue?.message].filter(Boolean).join(': '));
}

async function commanded(
  context: FlowerContext,
  command: Command,
  worker: string,
  say: { agreed: string | null; failed(reason: string): string },
): Promise<Effect> {
  const replies = await handsOf(context).control.send(String(command.method), {
    workers: [worker],
    arguments: argumentsOf(command),
    timeoutMs: ANSWER_MS,
  });
  const reply = Object.hasOwn(replies, worker) ? replies[worker] : undefined;
  const ok = (reply as { ok?: unknown } | null | undefined)?.ok;
  const details = { sent: command, replies };
  if (ok !== undefined) return { body: { message: say.agreed ?? String(ok) }, outcome: 'not-verified', details };
  const reason = pidboxError(reply) ?? (reply === undefined ? 'no answer' : 'Unknown reason');
  const silent = reply === undefined;
  return { body: { detail: say.failed(reason) }, status: 403, outcome: silent ? 'not-verified' : 'failed', details };
}

/** In Celery's names. */
function argumentsOf({ method: _, worker: __, task, rate, ...rest }: Command): Record<string, unknown> {
  return {
    ...rest,
    ...(task === undefined ? {} : { task_name: task }),
    ...(rate === undefined ? {} : { rate_limit: rate }),
  };
}
