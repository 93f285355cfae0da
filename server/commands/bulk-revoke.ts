/** Revokes many tasks: told to all workers in batches, then read back from their own lists. */
import type { ControlOutcome } from '#lib/contract/control.ts';
import { andList } from '#lib/format/list.ts';
import type { Task } from '#lib/model/task.ts';
import { ANSWER_MS } from '#server/actions/talk.ts';
import type { Hands } from './hands.ts';
import type { OperationHandle } from './operations.ts';

const BATCH = 500;
/** A list of revoked tasks may have 50,000 ids. */
const LIST_MS = 10_000;

/** Never more than what was told is counted as done. @throws Error with code BROKER_UNREACHABLE */
export async function bulkRevoke(
  { control, clock }: Pick<Hands, 'control' | 'clock'>,
  tasks: readonly Task[],
  { signal, step, progress }: OperationHandle,
): Promise<ControlOutcome> {
  const began = clock.now();
  const outcome = (stage: ControlOutcome['stage'], evidence: string): ControlOutcome => ({
    ...{ stage, evidence, replies: {}, tookMs: clock.now() - began },
  });
  const told: string[] = [];
  const workers = new Set<string>();
  const count = (failed: number) => progress({ done: told.length, skipped: 0, failed, total: tasks.length });
  count(0);
  for (let from = 0; from < tasks.length && !signal.aborted; from += BATCH) {
    const ids = tasks.slice(from, from + BATCH).map(({ id }) => id);
    const args = { task_id: ids, terminate: false };
    const replies = await control.send('revoke', { workers: null, arguments: args, timeoutMs: ANSWER_MS });
    for (const worker of Object.keys(replies)) workers.add(worker);
    if (Object.keys(replies).length === 0) {
      count(ids.length);
      return outcome('no-answer', `No worker answered. ${told.length} of ${tasks.length} tasks are revoked.`);
    }
    told.push(...ids);
    count(0);
  }
  const names = andList([...workers].sort());
  step('acknowledged', `${names} took note of ${told.length} tasks. Reading their lists.`);
  const lists = await control.inspect('revoked', { workers: [...workers], timeoutMs: LIST_MS });
  const lacking = [...workers].filter((worker) => !hasAll(lists[worker], told)).sort();
  const text = `${told.length} of ${tasks.length} tasks are on the lists of ${names}: they are discarded when their turn comes.`;
  if (lacking.length > 0)
    return outcome('not-verified', `${andList(lacking)} does not list all of the ${told.length} tasks.`);
  return outcome(signal.aborted ? 'not-verified' : 'acknowledged', signal.aborted ? `Called off. ${text}` : text);
}

function hasAll(listed: unknown, ids: readonly string[]): boolean {
  const noted = new Set(Array.isArray(listed) ? listed : []);
  return ids.every((id) => noted.has(id));
}
