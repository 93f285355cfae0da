/** Everything that only reads the file; each question sees it as it is at one moment. */
import { sql } from 'kysely';
import type { TaskSuggestions } from '#lib/contract/tasks.ts';
import type { Task, TaskDetail } from '#lib/model/task.ts';
import type { WordSplit } from '#lib/model/throughput.ts';
import type { SentTask, TaskReader } from '#server/history/tasks/store.ts';
import { detailOf } from '#server/ingest/merge.ts';
import { transact } from '#server/sqlite/file.ts';
import { activityOf } from './activity.ts';
import { checked } from './checked.ts';
import { keyOf, placesBetween, WORD_KINDS, type WordKind } from './columns.ts';
import { countsOf } from './counts.ts';
import { failuresOf } from './failures.ts';
import { readableTasks } from './file.ts';
import { pageOf } from './list.ts';
import { PATIENCE_MS, type Patience } from './patience.ts';
import { readRecords, recordOf } from './records.ts';
import { ANY_STATE, DIMENSIONS, LEVEL_MS, LEVELS } from './rollups.ts';
import { type Asked, asked as askedOf, bounds } from './sql.ts';
import { statsOf } from './stats.ts';

/** Tasks of a workflow that are told with one of it. */
const WORKFLOW_LIMIT = 500;
/** Words of a kind that are suggested. */
const SUGGESTION_LIMIT = 500;
/** The reading half of the store, in this thread. */
export function openTaskReader(path: string, patience: Partial<Patience> = {}): TaskReader {
  const patient = { clock: () => performance.now(), limitMs: PATIENCE_MS, ...patience };
  const file = readableTasks(path, askedOf);
  const ask = async <T>(work: (asked: Asked) => T): Promise<T> =>
    file.use((asked) => transact(asked.db, 'begin', () => work(asked)));
  return checked({
    tasks: (query, now) => ask((asked) => pageOf(asked, query, now, patient)),
    task: (id) => ask((asked) => detailWithWorkflow(asked, id)),
    counts: (filter, now) => ask((asked) => countsOf(asked, filter, now, patient)),
    activity: (filter, range, now) => ask((asked) => activityOf(asked, filter, range, now, patient)),
    failures: (filter, now) => ask((asked) => failuresOf(asked, filter, now, patient)),
    suggestions: () => ask(suggestionsOf),
    largest: (by, range) => ask((asked) => largestOf(asked, by, range)),
    sentBy: (range) => ask((asked) => sentIn(asked, range)),
    stats: () => ask(({ db }) => statsOf(db)),
    close: async () => file.close(),
  });
}

function detailWithWorkflow(
  asked: Asked,
  id: string,
): { task: TaskDetail; workflow: Task[]; workflowTruncated: boolean } | null {
  const row = asked.get(sql`select id from tasks where task = ${keyOf(id)}`);
  if (row === undefined) return null;
  const records = readRecords(asked);
  const task = detailOf(records.record(Number(row.id)));
  const root = keyOf(task.rootId ?? id);
  const members = asked.all(sql`select id from tasks indexed by tasks_root where root = ${root}
    union select id from tasks indexed by tasks_task where task = ${root} order by id limit ${WORKFLOW_LIMIT + 1}`);
  const workflow = members.slice(0, WORKFLOW_LIMIT).map((member) => records.task(Number(member.id)));
  return { task, workflow, workflowTruncated: members.length > WORKFLOW_LIMIT };
}

function suggestionsOf(asked: Asked): TaskSuggestions {
  const words = (kind: WordKind) =>
    asked
      .all(
        sql`select text from words where kind = ${WORD_KINDS.indexOf(kind)} order by used_at desc, text limit ${SUGGESTION_LIMIT}`,
      )
      .map(({ text }) => String(text));
  return { names: words('name'), workers: words('worker'), queues: words('queue'), exceptions: words('exception') };
}

function largestOf(
  asked: Asked,
  by: WordSplit,
  { from, to, limit }: { from: number; to: number; limit: number },
): string[] {
  const rows = asked.all(sql`select w.text, sum(${sql.raw(ANY_STATE)}) as count
    from rollups r join words w on w.id = r.word
    where r.level = ${LEVELS.hour} and r.dimension = ${DIMENSIONS[by]}
      and r.bucket > ${from - LEVEL_MS[LEVELS.hour]} and r.bucket <= ${to}
    group by r.word order by count desc, w.text limit ${limit}`);
  return rows.map(({ text }) => String(text));
}

function sentIn(asked: Asked, { from, to, limit }: { from: number; to: number; limit: number }): SentTask[] {
  const { low, high } = placesBetween(from, to);
  const records = asked.bounded(sql`select record from records where ${bounds()} order by id desc`);
  const sent: SentTask[] = [];
  for (const { record } of records.iterate(low, high)) {
    const { id, events, fields } = recordOf(record);
    const [name, kwargs, root] = [fields.name?.[2], fields.kwargs?.[2] ?? null, fields.rootId?.[2] ?? id];
    if (name === undefined || root !== id || (fields.parentId?.[2] ?? null) !== null) continue;
    // A second one is the retry's.
    const first = events.find(({ type }) => type === 'sent');
    if (first === undefined || first.by === null) continue;
    if (sent.length === limit) return sent;
    sent.push({ name, kwargs, at: first.at, by: first.by });
  }
  return sent;
}
