/** Somebody sends a task by its name. */
import { randomUUID } from 'node:crypto';
import { EVERY_WORKER, type Operation, type SendWish } from '#lib/contract/control.ts';
import { someOf } from '#lib/format/list.ts';
import type { TaskCall } from '#server/celery/messages.ts';
import { objectOf } from '#server/celery/values.ts';
import type { Gated } from '#server/http/gate.ts';
import { type ActContext, actError, handsOf } from './act.ts';
import type { Hands } from './hands.ts';
import { watchPublished } from './published.ts';

const DEPTH_LIMIT = 32;
const SECOND_MS = 1_000;

/** What the audit calls the target. */
export function sendTarget({ name, queue }: Pick<SendWish, 'name' | 'queue'>): string {
  return `queues/${queue}/${name}`;
}

/**
 * Publishes it, and begins to watch for it.
 * @throws Error with code CELERY_OFF, INPUT_INVALID, TASK_UNREGISTERED (no worker that answers knows the name) or one of
 * publishing; then nothing was sent, unless it is PUBLISH_UNCONFIRMED
 */
export async function sendTask(ctx: ActContext, gate: Gated<SendWish>): Promise<Operation> {
  const { body: wish, request, identity, reason } = gate;
  const hands = handsOf(ctx);
  const id = randomUUID();
  const call = callOf(wish, { id, origin: hands.origin, now: ctx.clock() });
  const registered = await registeredText(hands, wish);
  await hands.publisher.publish(call, wish.queue);
  const start = { id: request, action: 'task.send', target: sendTarget(wish), identity, reason } as const;
  return ctx.operations.start(start, (handle) => {
    handle.step('requested', registered);
    return watchPublished(hands, { id, queue: wish.queue }, handle);
  });
}

/** The call of a wish at `now`. @throws Error with code INPUT_INVALID */
export function callOf(wish: SendWish, { id, origin, now }: { id: string; origin: string; now: number }): TaskCall {
  const problem = problemOf(wish.args, 0) ?? problemOf(wish.kwargs, 0);
  if (problem !== null) throw actError('INPUT_INVALID', problem);
  const { name, args, kwargs, priority, retryOf } = wish;
  const eta = wish.countdown === undefined ? timeOf(wish.eta) : now + wish.countdown * SECOND_MS;
  const expires = typeof wish.expires === 'number' ? now + wish.expires * SECOND_MS : timeOf(wish.expires);
  if (expires !== undefined && expires <= Math.max(now, eta ?? now))
    throw actError('INPUT_INVALID', 'expires: it would expire before it could run');
  return {
    ...{ id, name, args, kwargs, origin },
    ...(eta === undefined ? {} : { eta }),
    ...(expires === undefined ? {} : { expires }),
    ...(priority === undefined ? {} : { priority }),
    ...(retryOf === undefined ? {} : { retryOf }),
  };
}

function timeOf(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}

/** Why these arguments would not arrive as they were written; null = they do. */
function problemOf(value: unknown, depth: number): string | null {
  if (depth > DEPTH_LIMIT) return `arguments: they nest deeper than ${DEPTH_LIMIT}`;
  if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
    return `arguments: ${value} is too large to be told exactly`;
  const inner = Array.isArray(value) ? value : Object.values(objectOf(value) ?? {});
  for (const one of inner) {
    const problem = problemOf(one, depth + 1);
    if (problem !== null) return problem;
  }
  return null;
}

/** Who knows the name, for people. @throws Error with code TASK_UNREGISTERED when nobody who answers does */
async function registeredText({ inspections }: Hands, { name, unregistered }: SendWish): Promise<string> {
  const { replies } = await inspections.ask(EVERY_WORKER, { method: 'registered' });
  const answers = Object.entries(replies).filter(([, said]) => Array.isArray(said)) as [string, unknown[]][];
  // Celery's own tasks are on every worker, and not in its list.
  if (answers.length === 0 || name.startsWith('celery.')) return `Whether a worker knows ${name} was not told.`;
  const knowing = answers.filter(([, names]) =>
    names.some((one) => one === name || String(one).startsWith(`${name} [`)),
  );
  if (knowing.length > 0)
    return `${someOf(knowing.map(([worker]) => worker).sort())} ${knowing.length === 1 ? 'knows' : 'know'} ${name}.`;
  const text = `None of the ${answers.length} workers that answer knows ${name}`;
  if (!unregistered)
    throw actError('TASK_UNREGISTERED', `${text}: it would fail. Send unregistered: true to send it all the same.`);
  return `${text}.`;
}
