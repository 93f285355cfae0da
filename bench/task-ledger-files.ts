/** The ledgers on the disk: the lab's traffic keeps one in SQLite, the generator of events one in lines of JSON. */
import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { TaskState } from '#lib/model/task.ts';
import type { Story } from './event-stories.ts';
import type { LedgerTask } from './task-ledger.ts';

const BUSY_LIMIT_MS = 5_000;

/**
 * The tasks that a traffic published between two times (epoch ms). Their end is the one in the result store; whether it is
 * the one that the task was made for is no matter here.
 */
export function readTrafficLedger(file: string, fromMs: number, toMs: number): LedgerTask[] {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_LIMIT_MS });
  try {
    const columns = 'id, confirmed_at_ms, observed_state, observed_retries';
    return database
      .prepare(`SELECT ${columns} FROM task WHERE published_at_ms BETWEEN ? AND ?`)
      .all(fromMs, toMs)
      .map((row) => ({
        id: String(row.id),
        confirmed: row.confirmed_at_ms !== null,
        state: row.observed_state as TaskState | null,
        retries: row.observed_retries as number | null,
      }));
  } finally {
    database.close();
  }
}

/** Written before a batch is published. */
export type PlannedLine = { readonly batch: number; readonly tasks: readonly Story[] };
/** Written when the broker has confirmed all messages of a batch. */
export type ConfirmedLine = { readonly confirmed: number };

/** Reads the generator's ledger. */
export function readGeneratorLedger(file: string): LedgerTask[] {
  return parseGeneratorLedger(readFileSync(file, 'utf8'));
}

/** The tasks in the text of a generator's ledger; a last line that was cut off says nothing. */
export function parseGeneratorLedger(text: string): LedgerTask[] {
  const batches = new Map<number, readonly Story[]>();
  const confirmed = new Set<number>();
  const lines = text.split('\n');
  lines.pop(); // empty, or cut off
  for (const line of lines) {
    const told = JSON.parse(line) as PlannedLine | ConfirmedLine;
    if ('batch' in told) batches.set(told.batch, told.tasks);
    else confirmed.add(told.confirmed);
  }
  return [...batches].flatMap(([number, tasks]) =>
    tasks.map((task) => ({ ...task, confirmed: confirmed.has(number) })),
  );
}
