/** Somebody runs a task again: a new one with the same name and arguments in the same queue, that names the old one. */
import { randomUUID } from 'node:crypto';
import type { Operation, RetryPlan, RetryWish } from '#lib/contract/control.ts';
import type { Task } from '#lib/model/task.ts';
import { printExact, printExactTuple } from '#server/celery/exact-json.ts';
import type { Gated } from '#server/http/gate.ts';
import { type ActContext, actError, handsOf } from './act.ts';
import type { Hands } from './hands.ts';
import { watchPublished } from './published.ts';
import { planRetry, type RetryCall, type RetryDecision } from './retry-plan.ts';
import { taskTarget } from './revoke-task.ts';

/** What a retry would do. @throws Error with code CELERY_OFF, TASK_UNKNOWN or HISTORY_UNAVAILABLE */
export async function previewRetry(ctx: ActContext, id: string, queue: string | null): Promise<RetryPlan> {
  const hands = handsOf(ctx);
  const { plan } = await decide(hands, id, queue);
  const shown = (text: string | null) => (text === null ? null : hands.mask.text(text));
  return { now: ctx.clock(), ...plan, args: shown(plan.args), kwargs: shown(plan.kwargs) };
}

/**
 * Publishes it, and begins to watch for it.
 * @throws Error with code CELERY_OFF, TASK_UNKNOWN, RETRY_REFUSED, WOULD_RUN_TWICE, HISTORY_UNAVAILABLE or one of publishing
 */
export async function retryTask(ctx: ActContext, id: string, gate: Gated<RetryWish>): Promise<Operation> {
  const { body: wish, request, identity, reason } = gate;
  const hands = handsOf(ctx);
  const { plan, call } = await decide(hands, id, wish.queue ?? null);
  if (call === null) throw actError('RETRY_REFUSED', plan.refused ?? 'It cannot be run again.');
  if (plan.twice !== null && !wish.twice)
    throw actError('WOULD_RUN_TWICE', `${plan.twice} Send twice: true if it may run again.`);
  const task = await publishAgain(hands, id, call);
  const start = { id: request, action: 'task.retry', target: taskTarget(id), identity, reason } as const;
  return ctx.operations.start(start, (handle) => watchPublished(hands, { id: task, queue: call.queue }, handle));
}

/** Publishes a decided retry of the task `id`; resolves with the new id. @throws as `CeleryPublisher.publish` */
export async function publishAgain({ publisher, origin, mask }: Hands, id: string, call: RetryCall): Promise<string> {
  const { queue, name, args, kwargs, printed } = call;
  const task = randomUUID();
  const repr = {
    argsrepr: printed.args ?? mask.text(printExactTuple(args)),
    kwargsrepr: printed.kwargs ?? mask.text(printExact(kwargs)),
  };
  await publisher.publish({ id: task, name, args, kwargs, ...repr, origin, retryOf: id }, queue);
  return task;
}

/** Decides for tasks that are known, asking the result store once. */
export async function decideAll(
  { results }: Pick<Hands, 'results'>,
  tasks: readonly Task[],
  queue: string | null,
): Promise<ReadonlyMap<string, RetryDecision>> {
  const ids = tasks.map(({ id }) => id);
  const stored = await results?.read(ids);
  return new Map(
    tasks.map((task) => {
      const value = stored?.found.get(task.id) ?? null;
      const isTold = value !== null || stored?.absent.has(task.id) === true;
      const storeProblem = isTold ? null : (stored?.problem ?? (results === null ? 'none is configured' : null));
      return [task.id, planRetry({ task, stored: value, storeProblem, queue })] as const;
    }),
  );
}

async function decide(hands: Hands, id: string, queue: string | null): Promise<RetryDecision> {
  const found = await hands.tasks.task(id);
  const decision = found === null ? undefined : (await decideAll(hands, [found.task], queue)).get(id);
  if (decision === undefined) throw actError('TASK_UNKNOWN', `No task ${id} is kept here.`);
  return decision;
}
