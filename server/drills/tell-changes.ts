/** What runs that Trellis lost sight of changed: told in the background, once it can be told. */
import { CHANGES_NOT_TOLD_YET, type Run } from '#lib/model/drill.ts';
import { changesBetween, ROLE_KINDS, type Roles } from './roles.ts';
import type { RunRecord } from './run-record.ts';
import type { RunStore } from './run-store.ts';
import { settledRoles, type Watching } from './settled-roles.ts';

export type Teller = {
  /** Looks, waits, and stores it; a record that does not know how it was before is left as it is. */
  tell(record: RunRecord): void;
  /** Has all of it told as it is now: something else is about to change the estate. Resolves when it is stored. */
  finish(): Promise<void>;
  /** Ends without a word: the next Trellis tells it. */
  stop(): Promise<void>;
};

export type TellerOptions = Watching & {
  store: Pick<RunStore, 'save'>;
  /** Told the run once its record says what changed. */
  onTold(run: Run): void;
  onProblem(message: string): void;
};

/** The record with what is another way now; `after` null = that is still to be looked at. */
export function withChanges(record: RunRecord, after: Roles | null): RunRecord {
  if (record.roles === undefined) return record;
  const changed = after === null ? [CHANGES_NOT_TOLD_YET] : changesBetween(record.roles, after);
  return { ...record, isTold: after !== null, context: { ...record.context, changed } };
}

/** With nothing to tell yet. */
export function createTeller({ store, onTold, onProblem, ...watching }: TellerOptions): Teller {
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  let hurrying = new AbortController();

  async function look(record: RunRecord, before: Roles): Promise<void> {
    const signal = AbortSignal.any([hurrying.signal, stopping.signal]);
    // After a start nothing is known at first: everything is waited for.
    const after = await settledRoles(before, ROLE_KINDS, watching, signal);
    if (stopping.signal.aborted) return;
    const told = withChanges(record, after);
    await store.save(told);
    onTold(told.run);
  }

  return {
    tell(record) {
      if (record.roles === undefined || stopping.signal.aborted) return;
      const work = look(record, record.roles)
        .catch((error: Error) => onProblem(`what run ${record.run.id} changed is not known: ${error.message}`))
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async finish() {
      hurrying.abort();
      hurrying = new AbortController();
      await Promise.all(underWay);
    },
    async stop() {
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}
