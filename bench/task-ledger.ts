/** Holds a history of tasks against a ledger kept by whoever published them. Pure. */
import type { Task, TaskState } from '#lib/model/task.ts';

/** What a ledger knows of a task. */
export type LedgerTask = {
  readonly id: string;
  /** The broker has taken it: it must be in the history. */
  readonly confirmed: boolean;
  /** Its true end; null = the ledger never learned it. */
  readonly state: TaskState | null;
  /** How often it asked to be tried again; null = not known. */
  readonly retries: number | null;
};

/** What the history tells of a task. */
export type ToldTask = Pick<Task, 'id' | 'state' | 'retries' | 'endedBy'>;

/** Where history and ledger differ. */
export type Comparison = {
  /** Tasks that the broker confirmed. */
  readonly confirmed: number;
  /** Ids of confirmed tasks that the history does not have. */
  readonly missing: readonly string[];
  /** Ids that the history has more than once. */
  readonly repeated: readonly string[];
  /** `<id>: <told> instead of <true>`. */
  readonly wrongEnds: readonly string[];
  readonly wrongRetries: readonly string[];
  /** Confirmed tasks whose end the ledger itself does not know. */
  readonly unknown: number;
  /** Tasks whose end the history has from the result store. */
  readonly backfilled: number;
};

/** Compares; tasks of the history that the ledger does not have are somebody else's. */
export function compareTasks(ledger: readonly LedgerTask[], history: readonly ToldTask[]): Comparison {
  const told = new Map<string, ToldTask>();
  const known = new Set(ledger.map(({ id }) => id));
  const repeated: string[] = [];
  for (const task of history) {
    if (!known.has(task.id)) continue;
    if (told.has(task.id)) repeated.push(task.id);
    told.set(task.id, task);
  }
  const missing: string[] = [];
  const wrongEnds: string[] = [];
  const wrongRetries: string[] = [];
  for (const { id, confirmed, state, retries } of ledger) {
    const one = told.get(id);
    if (one === undefined) {
      if (confirmed) missing.push(id);
      continue;
    }
    if (state !== null && one.state !== state) wrongEnds.push(`${id}: ${one.state} instead of ${state}`);
    if (retries !== null && one.retries !== retries)
      wrongRetries.push(`${id}: ${one.retries} retries instead of ${retries}`);
  }
  return {
    confirmed: ledger.filter((task) => task.confirmed).length,
    missing,
    repeated,
    wrongEnds,
    wrongRetries,
    unknown: ledger.filter((task) => task.confirmed && task.state === null).length,
    backfilled: [...told.values()].filter(({ endedBy }) => endedBy === 'result store').length,
  };
}

/** Every confirmed task is there once, with its true end. */
export function isComplete({ missing, repeated, wrongEnds }: Comparison): boolean {
  return missing.length + repeated.length + wrongEnds.length === 0;
}

/** A line for people, with the first few of what is wrong. */
export function describeComparison(comparison: Comparison): string {
  const { confirmed, missing, repeated, wrongEnds, wrongRetries, unknown, backfilled } = comparison;
  const few = [...missing.map((id) => `${id}: missing`), ...repeated.map((id) => `${id}: repeated`), ...wrongEnds];
  const counts = `${confirmed} confirmed, ${missing.length} missing, ${repeated.length} repeated, ${wrongEnds.length} with a wrong end`;
  const rest = `${wrongRetries.length} with wrong retries, ${unknown} without a known end, ${backfilled} back-filled`;
  return [`${counts}, ${rest}`, ...[...few, ...wrongRetries].slice(0, 5)].join('\n    ');
}
