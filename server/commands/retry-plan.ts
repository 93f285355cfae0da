/**
 * Whether a task can be run again with the same arguments, and whether that would make it run twice. The result store has them
 * exactly where `result_extended` is on; what Celery printed in events counts only where it can be read in one way. Pure.
 */
import type { RetryPlan } from '#lib/contract/control.ts';
import type { Task, TaskEvent } from '#lib/model/task.ts';
import { parseExact, printExact, printExactTuple } from '#server/celery/exact-json.ts';
import { readLiteral } from '#server/celery/literal.ts';
import { objectOf } from '#server/celery/values.ts';

type Args = readonly unknown[];
type Kwargs = Readonly<Record<string, unknown>>;

export type RetryInput = {
  task: Task & { events?: readonly TaskEvent[] };
  /** Celery's stored result as it is; null = there is none. */
  stored: string | null;
  /** Why the result store could not be asked; null = it was. */
  storeProblem: string | null;
  /** Instead of the task's own; null = that. */
  queue: string | null;
};

/** What would be published; `printed` as the first publisher printed them, who may have hidden something. */
export type RetryCall = {
  name: string;
  queue: string;
  args: Args;
  kwargs: Kwargs;
  printed: { args: string | null; kwargs: string | null };
};

export type RetryDecision = { plan: Omit<RetryPlan, 'now'>; call: RetryCall | null };

/** Decides. */
export function planRetry(input: RetryInput): RetryDecision {
  const { task, stored, storeProblem } = input;
  const meta = stored === null ? null : metaOf(stored);
  const found = storedArguments(meta) ?? printedArguments(task);
  const name = task.name ?? textOf(meta?.task_name) ?? textOf(meta?.name);
  const queue = input.queue ?? task.queue ?? textOf(meta?.queue);
  const told = 'problem' in found ? null : found;
  const refused = refusal(name, queue, 'problem' in found ? found.problem : null, storeProblem);
  const plan: RetryDecision['plan'] = {
    ...{ refused, twice: twiceBecause(task), name, queue },
    args: told === null ? null : printExactTuple(told.args),
    kwargs: told === null ? null : printExact(told.kwargs),
    argumentsFrom: told?.from ?? null,
  };
  if (refused !== null || name === null || queue === null || told === null) return { plan, call: null };
  const printed = { args: task.args, kwargs: task.kwargs };
  return { plan, call: { name, queue, args: told.args, kwargs: told.kwargs, printed } };
}

/** Why a task that runs again would, or might, run twice; null = it would not. */
export function twiceBecause({ state, worker, events = [] }: RetryInput['task']): string | null {
  const where = worker === null ? '' : ` on ${worker}`;
  switch (state) {
    case 'SUCCESS':
      return 'It has succeeded already.';
    case 'ORPHANED':
      return `Nobody knows its end: it ran${where}, which is gone. If it acknowledges late, the broker gives it to another worker.`;
    case 'REJECTED':
      return events.some(({ note }) => note === 'requeued') ? 'It was rejected back into its queue.' : null;
    case 'FAILURE':
    case 'REVOKED':
      return null;
    default:
      return `It has not ended: it is ${state}${where}.`;
  }
}

type Told = { args: Args; kwargs: Kwargs; from: NonNullable<RetryPlan['argumentsFrom']> };

function metaOf(stored: string): Kwargs | null {
  try {
    return objectOf(parseExact(stored));
  } catch {
    return null;
  }
}

/** Null = it does not hold them: `result_extended` is off. */
function storedArguments(meta: Kwargs | null): Told | null {
  const args = meta?.args;
  const kwargs = objectOf(meta?.kwargs);
  return Array.isArray(args) && kwargs !== null ? { args, kwargs, from: 'result store' } : null;
}

/** Whoever publishes may have put these in place of a secret. */
const MASK = /\*{3}/;

function printedArguments({ args, kwargs }: Task): Told | { problem: string } {
  if (args === null || kwargs === null) return { problem: 'no event told them' };
  if (MASK.test(args) || MASK.test(kwargs)) return { problem: 'parts of them are hidden' };
  const [first, second] = [readLiteral(args), readLiteral(kwargs)];
  if ('problem' in first) return { problem: `args: ${first.problem}` };
  if ('problem' in second) return { problem: `kwargs: ${second.problem}` };
  const named = objectOf(second.value);
  if (!Array.isArray(first.value) || named === null) return { problem: 'they are no list and dictionary' };
  return { args: first.value, kwargs: named, from: 'event' };
}

function refusal(
  name: string | null,
  queue: string | null,
  problem: string | null,
  store: string | null,
): string | null {
  if (name === null) return 'Its name is not known.';
  if (problem !== null) {
    const where =
      store === null
        ? 'The result store does not hold them (see result_extended)'
        : `The result store cannot be read (${store})`;
    return `Its arguments cannot be told exactly. ${where}, and from what Celery printed they cannot be read back: ${problem}.`;
  }
  if (queue === null) return 'Its queue is not known: name one.';
  return null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
