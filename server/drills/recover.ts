/** After a start: what runs of before left, taken back where that is safe, and offered where it is not. */
import type { EstateActions } from '#server/actions/estate-actions.ts';
import { callText, isUndoneAtBoot } from './calls.ts';
import { MOVE_POLICY_PREFIX } from './catalog/queue-leader-move.ts';
import type { Performing } from './perform-call.ts';
import { type RunRecord, undoLeft, withRun } from './run-record.ts';
import type { RunStore } from './run-store.ts';
import { takeBack } from './take-back.ts';
import { withChanges } from './tell-changes.ts';

export type Recovering = {
  store: RunStore;
  performing: Performing;
  onProblem(message: string): void;
};

/**
 * Looks at every run that has not ended, oldest first. One that ran when Trellis ended becomes `lost`; what was begun for a moment
 * is ended at once. Gives all of them: a person has to look at those that are still `lost`. @throws Error when the runs cannot be
 * read
 */
export async function recoverRuns(recovering: Recovering): Promise<readonly RunRecord[]> {
  const found: RunRecord[] = [];
  for (const record of await recovering.store.unended())
    found.push(await recoverRun(record, recovering, (item, now) => isUndoneAtBoot(item.call, now - item.at)));
  return found;
}

/** Takes back whatever is left of a lost run; a person asked for it. */
export function undoRun(record: RunRecord, recovering: Recovering): Promise<RunRecord> {
  return recoverRun(record, recovering, () => true);
}

async function recoverRun(
  record: RunRecord,
  { store, performing, onProblem }: Recovering,
  which: (item: RunRecord['undo'][number], now: number) => boolean,
): Promise<RunRecord> {
  let current = asLost(record);
  const keep = () => store.save(current).catch((error: Error) => onProblem(`run ${current.run.id}: ${error.message}`));
  await keep();
  await takeBack({
    ...{ performing, keep, onProblem },
    record: () => current,
    change: (how) => {
      current = how(current);
    },
    which: (item) => which(item, performing.now()),
  });
  const left = undoLeft(current).map(({ call }) => callText(call));
  current = withRun(current, { undoLeft: left, state: left.length === 0 ? 'ended' : 'lost' });
  current = withChanges(current, null);
  await keep();
  return current;
}

/** What was under way when Trellis ended: nobody knows how far it got, and nobody looked since. */
function asLost(record: RunRecord): RunRecord {
  const { run } = record;
  if (run.state === 'lost') return record;
  const endedAt = run.endedAt ?? lastSeenAt(record);
  const steps = run.steps.map((step) => {
    if (step.state === 'running')
      return { ...step, state: 'unknown' as const, endedAt, says: 'Trellis ended meanwhile.' };
    return step.state === 'waiting' ? { ...step, state: 'skipped' as const } : step;
  });
  const left = undoLeft(record).map(({ call }) => callText(call));
  return withRun(record, {
    ...{ state: 'lost', steps, undoLeft: left, verdict: 'unknown', endedAt },
    because: ['Trellis ended while it ran: how far the last step got is not known.'],
  });
}

/** The newest time that the record tells (epoch ms). */
function lastSeenAt({ run, undo }: RunRecord): number {
  const { startedAt, faultAt, steps, marks, outages } = run;
  const told = [
    faultAt,
    ...steps.flatMap((step) => [step.startedAt, step.endedAt]),
    ...marks.map(({ at }) => at),
    ...outages.map(({ from, to, ms }) => to ?? from + ms),
    ...undo.map(({ at }) => at),
  ];
  return told.reduce<number>((last, at) => Math.max(last, at ?? 0), startedAt);
}

/** Takes away the temporary policies of moves that nobody finished, whoever began them. Gives their names. */
export async function removeLeftPolicies(
  vhosts: readonly string[],
  { rabbitmq }: Pick<EstateActions, 'rabbitmq'>,
  signal: AbortSignal,
): Promise<string[]> {
  const removed: string[] = [];
  for (const vhost of vhosts) {
    for (const name of await rabbitmq.policies(vhost, MOVE_POLICY_PREFIX, signal)) {
      await rabbitmq.deletePolicy(vhost, name, signal);
      removed.push(name);
    }
  }
  return removed;
}
