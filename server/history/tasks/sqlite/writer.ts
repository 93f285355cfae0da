/** Everything that changes the file; synchronous, in the ingest thread. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Task } from '#lib/model/task.ts';
import type { TaskStoreStats, TaskTimes, TaskWriter, WorkerMark, Written } from '#server/history/tasks/store.ts';
import { mergeTask, type TaskChange, type TaskRecord, taskOf } from '#server/ingest/merge.ts';
import { encodeRecord } from '#server/ingest/merge-record.ts';
import { transact } from '#server/sqlite/file.ts';
import { isSettled, keyOf, lastInMs, placeOf, STATE_CODES, searchText } from './columns.ts';
import { writableTasks } from './file.ts';
import { recordOf } from './records.ts';
import { openRetention, type Retention } from './retention.ts';
import { type Deltas, openDeltas } from './rollups.ts';
import { CHANGING, changingOf, countedOf, isLasting, LASTING, lastingOf, rowOf, type TaskRow } from './rows.ts';
import { openSearchIndex, type SearchIndex } from './search-index.ts';
import { statsOf } from './stats.ts';
import { openWords, type Words } from './words.ts';

/** The writer of an open file. */
type Open = {
  db: DatabaseSync;
  words: Words;
  deltas: Deltas;
  search: SearchIndex;
  retention: Retention;
  statements: Statements;
};
type Statements = ReturnType<typeof prepareStatements>;
/** A task as it is in the file. */
type Stored = TaskRow & { id: number; indexed: 0 | 1; record: string };

/** The writing half of the store, in this thread. Nothing is opened before the first call. */
export function openTaskWriter(path: string): TaskWriter {
  const file = writableTasks(path, prepare);
  return {
    write: (changes, marks) =>
      file.use((open) => transact(open.db, 'begin immediate', () => write(open, changes, marks))),
    marks: () => file.use(({ statements }) => statements.marks.all() as unknown as WorkerMark[]),
    running: (worker, limit) => file.use(({ statements }) => tasksOf(statements.running, worker, limit)),
    unfinished: (before, limit, after = -1) =>
      file.use(({ statements }) => tasksOf(statements.unfinished, Math.ceil(before), Math.floor(after), limit)),
    retain: (limits, now) =>
      file.use(({ db, retention }) => transact(db, 'begin immediate', () => retention.slice(limits, now))),
    upkeep(limitMs) {
      file.use(({ db, search }) => {
        search.merge(limitMs);
        db.exec('pragma wal_checkpoint(passive)');
      });
    },
    stats: (): TaskStoreStats => file.use(({ db }) => statsOf(db)),
    close: () => file.close(),
  };
}

function prepare(db: DatabaseSync): Open {
  const [words, deltas, search] = [openWords(db), openDeltas(db), openSearchIndex(db)];
  const retention = openRetention({ db, words, deltas, search });
  return { db, words, deltas, search, retention, statements: prepareStatements(db) };
}

function prepareStatements(db: DatabaseSync) {
  const record = `select r.record from tasks t indexed by tasks_`;
  const { STARTED, RECEIVED } = STATE_CODES;
  const set = (columns: readonly string[]) => columns.map((column) => `${column} = ?`).join(', ');
  const all = [...CHANGING, ...LASTING];
  return {
    find: db.prepare('select t.*, r.record from tasks t join records r on r.id = t.id where t.task = ?'),
    insert: db.prepare(
      `insert into tasks (${all.join(', ')}, indexed, task, id) values (${'?, '.repeat(all.length + 2)}?)
       on conflict (id) do nothing`,
    ),
    lastNear: db.prepare('select max(id) as id from tasks where id between ? and ?'),
    update: db.prepare(`update tasks set ${set(CHANGING)}, indexed = ? where id = ?`),
    // Writes every index anew, so it is kept for those that need it.
    updateAll: db.prepare(`update tasks set ${set(all)}, indexed = ? where id = ?`),
    remove: db.prepare('delete from tasks where id = ?'),
    insertRecord: db.prepare('insert into records (id, record) values (?, ?)'),
    updateRecord: db.prepare('update records set record = ? where id = ?'),
    removeRecord: db.prepare('delete from records where id = ?'),
    running: db.prepare(
      `${record}state join records r on r.id = t.id where t.state in (${RECEIVED}, ${STARTED}) and t.state <> 8
       and t.worker = (select id from words where kind = 1 and text = ?) order by t.id limit ?`,
    ),
    unfinished: db.prepare(
      `${record}open join records r on r.id = t.id where t.state <= 4 and t.changed < ? and t.changed > ?
       order by t.changed, t.id limit ?`,
    ),
    marks: db.prepare('select worker, pid, processed, seen, at from marks'),
    mark: db.prepare('insert or replace into marks (worker, pid, processed, seen, at) values (?, ?, ?, ?, ?)'),
  };
}

function tasksOf(statement: StatementSync, ...values: (string | number)[]): Task[] {
  return statement.all(...values).map(({ record }) => taskOf(recordOf(record)));
}

function write(open: Open, changes: readonly TaskChange[], marks: readonly WorkerMark[]): Written {
  const changed: { before: TaskTimes | null; after: Task }[] = [];
  for (const [id, own] of Map.groupBy(changes, (change) => change.id)) {
    const one = writeTask(open, id, own);
    if (one !== null) changed.push(one);
  }
  open.search.flush();
  open.deltas.flush();
  open.words.flush();
  for (const { worker, pid, processed, seen, at } of marks) {
    open.statements.mark.run(worker, pid, processed, seen, at);
  }
  return { changed };
}

function writeTask(open: Open, id: string, changes: readonly TaskChange[]): Written['changed'][number] | null {
  const stored = open.statements.find.get(keyOf(id)) as unknown as Stored | undefined;
  const known = stored === undefined ? null : recordOf(stored.record);
  const record = mergeTask(known, changes);
  if (record === known) return null;
  const after = taskOf(record);
  if (stored === undefined || known === null) {
    insertTask(open, after, record);
    return { before: null, after };
  }
  const before = taskOf(known);
  if (before.at === after.at) updateTask(open, stored, record, after, searchText(before) !== searchText(after));
  else moveTask(open, stored, record, after);
  return { before, after };
}

function insertTask({ statements, words, deltas, search }: Open, task: Task, record: TaskRecord): void {
  const row = rowOf(task, record, words);
  const isIndexed = isSettled(task);
  const values = [...changingOf(row), ...lastingOf(row), isIndexed ? 1 : 0, keyOf(task.id)] as const;
  let id = placeOf(task.at);
  while (statements.insert.run(...values, id).changes === 0) {
    // The rest of this millisecond first: tasks that begin together stay together.
    const end = lastInMs(id);
    id = Number(statements.lastNear.get(id, end)?.id) + 1;
  }
  statements.insertRecord.run(id, encodeRecord(record));
  deltas.count(countedOf(id, row), 1);
  if (isIndexed) search.add(id, searchText(task));
  else search.isFresh(1);
}

function updateTask(open: Open, stored: Stored, record: TaskRecord, task: Task, isTextNew: boolean): void {
  const { statements, words, deltas, search } = open;
  const { id } = stored;
  const row = rowOf(task, record, words);
  const isIndexed = stored.indexed === 1 || isSettled(task);
  const indexed = isIndexed ? 1 : 0;
  if (isLasting(stored, row)) statements.update.run(...changingOf(row), indexed, id);
  else statements.updateAll.run(...changingOf(row), ...lastingOf(row), indexed, id);
  statements.updateRecord.run(encodeRecord(record), id);
  deltas.count(countedOf(id, stored), -1);
  deltas.count(countedOf(id, row), 1);
  if (stored.indexed === 0 && isIndexed) search.isFresh(-1);
  if (stored.indexed === 1 && isTextNew) search.replace(id, searchText(task));
  else if (stored.indexed === 0 && isIndexed) search.add(id, searchText(task));
}

/** An earlier event came later: the task gets another place. */
function moveTask(open: Open, stored: Stored, record: TaskRecord, task: Task): void {
  const { statements, deltas, search } = open;
  const { id } = stored;
  statements.remove.run(id);
  statements.removeRecord.run(id);
  deltas.count(countedOf(id, stored), -1);
  if (stored.indexed === 1) search.remove(id);
  else search.isFresh(-1);
  insertTask(open, task, record);
}
