/** Flower's commands about tasks: revoke, abort, and publishing new ones. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { SIGNALS, taskIdSchema } from '#lib/contract/control.ts';
import type { TaskCall } from '#server/celery/messages.ts';
import { type FlowerContext, handsOf } from './context.ts';
import { momentOf } from './parameters.ts';
import { storeOf, waitForResult } from './tasks.ts';
import { FlowerError } from './text.ts';
import { requireTask } from './worker-writes.ts';
import type { FlowerInput, PrepareWrite } from './write.ts';

/** Celery's `task_default_queue`, unless an application says otherwise. */
const DEFAULT_QUEUE = 'celery';
/** Nobody waits for the workers' answers, in Flower neither. */
const SENT_MS = 200;
/** As long as `apply` waits for the end of its task. */
const APPLY_MS = 30_000;

/** `/api/task/revoke/<id>`. */
export const revokeTask: PrepareWrite = (context, { name, given }) => {
  const id = idOf(name);
  const terminate = given.flag('terminate');
  const signal = SIGNALS.find((one) => one === (given.text('signal') ?? 'SIGTERM'));
  if (signal === undefined) throw new FlowerError(400, `Invalid argument '${given.text('signal')}' of type 'signal'`);
  const body = { id, terminate, signal };
  return {
    ...{ action: terminate ? 'task.terminate' : 'task.revoke', target: id, body },
    async effect() {
      const told = { task_id: id, terminate, signal };
      const replies = await handsOf(context).control.send('revoke', {
        workers: null,
        arguments: told,
        timeoutMs: SENT_MS,
      });
      return { body: { message: `Revoked '${id}'` }, outcome: 'not-verified', details: { sent: told, replies } };
    },
  };
};

/** `/api/task/abort/<id>`: Flower writes into the result store, which Trellis never does. */
export const abortTask: PrepareWrite = () => {
  throw new FlowerError(501, 'Trellis does not write to the result store: revoke the task instead');
};

/** How a task is published: and waited for, if some worker knows it, or by any name. */
export const CALL_KINDS = ['apply', 'async-apply', 'send-task'] as const;

/** `/api/task/{apply,async-apply,send-task}/<name>`. */
export function callTask(kind: (typeof CALL_KINDS)[number]): PrepareWrite {
  return (context, input) => {
    const call = callOf(context, input);
    const { publisher, origin } = handsOf(context);
    return {
      ...{ action: 'task.send', target: call.name, body: call },
      async effect() {
        if (kind !== 'send-task') await requireTask(context, call.name, null);
        const { queue: given, ...rest } = call;
        const queue = given ?? (await usualQueue(context, call.name));
        const id = randomUUID();
        await publisher.publish({ ...rest, id, origin }, queue);
        // It is published: a result store that cannot be read changes nothing of that.
        const told = await waitForResult(context, id, kind === 'apply' ? APPLY_MS : 0).catch(() => ({ 'task-id': id }));
        return { body: told, outcome: 'done', details: { id, queue } };
      },
    };
  };
}

/** The queue that this kind of task was last in, else Celery's default. */
async function usualQueue(context: FlowerContext, name: string): Promise<string> {
  if (context.tasks === null) return DEFAULT_QUEUE;
  const { tasks } = await storeOf(context).tasks({ name: [name], sort: 'newest', limit: 1 }, context.clock());
  return tasks[0]?.queue ?? DEFAULT_QUEUE;
}

/** What is asked for. Times are epoch ms. */
type FlowerCall = Omit<TaskCall, 'id' | 'origin'> & { queue: string | null };

const moment = z
  .string()
  .transform(momentOf)
  .refine((at) => at !== null, 'no time');
const optionsSchema = z.strictObject({
  queue: z.string().min(1).max(255).nullish(),
  priority: z.number().int().min(0).max(255).nullish(),
  eta: moment.nullish(),
  countdown: z.coerce
    .number()
    .min(0)
    .max(86_400 * 365)
    .nullish(),
  /** Seconds from now, or a time. */
  expires: z
    .union([
      z.coerce
        .number()
        .min(0)
        .max(86_400 * 365),
      moment.transform((at) => ({ at })),
    ])
    .nullish(),
});

function callOf({ clock }: Pick<FlowerContext, 'clock'>, { name, text }: FlowerInput): FlowerCall {
  const body = jsonOf(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new FlowerError(400, 'invalid options');
  const { args = [], kwargs = {}, ...options } = body as Record<string, unknown>;
  if (!Array.isArray(args)) throw new FlowerError(400, 'args must be an array');
  if (typeof kwargs !== 'object' || kwargs === null || Array.isArray(kwargs))
    throw new FlowerError(400, 'kwargs must be an object');
  const parsed = optionsSchema.safeParse(options);
  if (!parsed.success) throw new FlowerError(400, 'Invalid option');
  const { queue, priority, eta, countdown, expires } = parsed.data;
  const now = clock();
  const due = eta ?? (countdown == null ? null : now + countdown * 1_000);
  const end = expires == null ? null : typeof expires === 'number' ? now + expires * 1_000 : expires.at;
  return {
    ...{ name, args, kwargs: kwargs as TaskCall['kwargs'], queue: queue ?? null },
    ...(due === null ? {} : { eta: due }),
    ...(end === null ? {} : { expires: end }),
    ...(priority == null ? {} : { priority }),
  };
}

function jsonOf(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FlowerError(400, (error as Error).message);
  }
}

function idOf(name: string): string {
  const parsed = taskIdSchema.safeParse(name);
  if (!parsed.success) throw new FlowerError(400, parsed.error.issues[0]?.message ?? '');
  return parsed.data;
}
