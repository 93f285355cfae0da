/** The lines of the table: workers in their order, those that share a generic name under a line of their own. Pure. */
import type { WorkerRow } from '#lib/format/worker.ts';
import { groupWorkers } from '#lib/format/worker-group.ts';

export type TableEntry =
  | { kind: 'group'; name: string; rows: readonly WorkerRow[]; isOpen: boolean }
  | { kind: 'worker'; row: WorkerRow; isMember: boolean };

type Value = string | number | null;

/** Rows by a value; what has none comes last whichever way. */
export function sortRows(
  rows: readonly WorkerRow[],
  valueOf: (row: WorkerRow) => Value,
  descending: boolean,
): readonly WorkerRow[] {
  const order = (a: Value, b: Value) =>
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });
  return [...rows].sort((one, other) => {
    const [a, b] = [valueOf(one), valueOf(other)];
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return descending ? -order(a, b) : order(a, b);
  });
}

/** The lines of rows that are in order already; members of a closed group are left out. */
export function entriesOf(rows: readonly WorkerRow[], isOpen: (group: string) => boolean): readonly TableEntry[] {
  return groupWorkers(rows).flatMap(({ name, rows: members }): TableEntry[] => {
    const lines = members.map((row) => ({ kind: 'worker', row, isMember: name !== null }) as const);
    if (name === null) return lines;
    const open = isOpen(name);
    return [{ kind: 'group', name, rows: members, isOpen: open }, ...(open ? lines : [])];
  });
}
