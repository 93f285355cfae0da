/** Everything that touches the file of the runs, in the thread that owns it. */
import type { DatabaseSync } from 'node:sqlite';
import type { ListedRun, RunsQuery } from '#lib/contract/drills.ts';
import { listed, type RunRecord } from '#server/drills/run-record.ts';
import type { RunStore } from '#server/drills/run-store.ts';
import { keptFile } from '#server/sqlite/file.ts';
import { openRuns } from './file.ts';

const SAVE = `insert into runs (id, drill, started_at, state, record) values (?, ?, ?, ?, ?)
  on conflict (id) do update set state = excluded.state, record = excluded.record`;

/** The store, in this thread. The file is opened when it is needed and again after any failure. */
export function openKeeper(path: string): RunStore {
  const file = keptFile(
    path,
    () => openRuns(path),
    (db) => db,
  );
  // What fails is told as a promise that fails.
  const use = async <T>(work: (db: DatabaseSync) => T) => file.use(work);

  return {
    save: (record) =>
      use((open) => {
        const { id, drill, startedAt, state } = record.run;
        open.prepare(SAVE).run(id, drill, Math.round(startedAt), state, JSON.stringify(record));
      }),
    load: (id) => use((open) => recordOf(open.prepare('select record from runs where id = ?').get(id))),
    list: (query) => use((open) => listOf(open, query)),
    unended: () =>
      use((open) =>
        open
          .prepare("select record from runs where state <> 'ended' order by started_at")
          .all()
          .flatMap((row) => recordOf(row) ?? []),
      ),
    close: async () => file.close(),
  };
}

function listOf(db: DatabaseSync, { drill, limit }: RunsQuery): ListedRun[] {
  const where = drill === undefined ? '' : 'where drill = ?';
  const rows = db
    .prepare(`select record from runs ${where} order by started_at desc, id limit ?`)
    .all(...(drill === undefined ? [] : [drill]), limit);
  return rows.flatMap((row) => recordOf(row) ?? []).map(listed);
}

function recordOf(row: Record<string, unknown> | undefined): RunRecord | null {
  return row === undefined ? null : (JSON.parse(String(row.record)) as RunRecord);
}
