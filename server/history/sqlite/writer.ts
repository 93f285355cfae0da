/** Everything that changes the file. */
import { sql, type Transaction } from 'kysely';
import { blindId } from '#server/history/blind.ts';
import { nextId } from '#server/history/ids.ts';
import { heldUntil } from '#server/history/recall.ts';
import type { HistoryBatch, HistoryStore } from '#server/history/store.ts';
import type { Fact } from '#server/model/facts.ts';
import { factKey } from '#server/model/facts.ts';
import { type Database, writableDatabase } from './database.ts';
import { rowOfStretch, rowOfTransition, stretchOfRow } from './rows.ts';
import type { Tables } from './tables.ts';

export type Writer = Pick<
  HistoryStore,
  'recall' | 'append' | 'acknowledge' | 'keepOpenFindings' | 'retain' | 'close'
> & {
  /** Appends, then closes the file. */
  finish(batch: HistoryBatch): Promise<void>;
};

/** Rows in one statement: SQLite takes 32,766 values. */
const CHUNK = 500;
/** Rows deleted at once: a few milliseconds, so that writing never waits long. */
const SLICE = 1_000;
/** Facts of things long gone (queues, workers with random names) must not pile up. */
const FACTS_KEPT = 100_000;

/** The writing half of the store, in this thread. */
export function openWriter(path: string): Writer {
  const database: Database = writableDatabase(path);
  const transact = <T>(work: (trx: Transaction<Tables>) => Promise<T>) =>
    database.use((db) => db.transaction().execute(work));
  const append = ({ transitions, facts, blind, aliveAt, stopping }: HistoryBatch) =>
    transact(async (trx) => {
      for (const rows of chunks(transitions.map(rowOfTransition))) {
        await trx
          .insertInto('transitions')
          .values(rows)
          .onConflict((conflict) => conflict.column('id').doNothing())
          .execute();
      }
      for (const rows of chunks(facts)) {
        await trx
          .insertInto('facts')
          .values(rows.map((fact) => ({ key: factKey(fact), at: aliveAt, fact: JSON.stringify(fact) })))
          .onConflict((conflict) =>
            conflict.column('key').doUpdateSet({ at: aliveAt, fact: (eb) => eb.ref('excluded.fact') }),
          )
          .execute();
      }
      for (const rows of chunks(blind.map(rowOfStretch))) await keepStretches(trx, rows);
      await keepAlive(trx, aliveAt, stopping);
    });
  return {
    recall: (bootedAt) =>
      transact(async (trx) => {
        const alive = await trx.selectFrom('alive').selectAll().executeTakeFirst();
        const open = await trx.selectFrom('blind').selectAll().where('until', 'is', null).execute();
        const last = await trx.selectFrom('transitions').select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
        const facts = await trx.selectFrom('facts').select('fact').execute();
        const aliveAt = alive?.at ?? null;
        if (aliveAt !== null) {
          await trx
            .updateTable('blind')
            .set({ until: sql<number>`max(since, ${aliveAt})` })
            .where('until', 'is', null)
            .execute();
        }
        if (aliveAt !== null && bootedAt > aliveAt) {
          const code = alive?.stopped === 1 ? 'stopped' : 'lost';
          await keepStretches(trx, [
            { id: blindId('trellis', aliveAt), what: 'trellis', since: aliveAt, until: bootedAt, code },
          ]);
        }
        await keepAlive(trx, bootedAt, false);
        const lasting = open.map(stretchOfRow);
        return {
          lastId: last?.id ?? 0,
          aliveAt,
          facts: facts.map((row) => {
            const fact = JSON.parse(row.fact) as Fact;
            return { fact, until: heldUntil(fact, aliveAt ?? bootedAt, lasting) };
          }),
        };
      }),
    append,
    acknowledge: (finding, acknowledgement) =>
      transact(async (trx) => {
        await trx.deleteFrom('acknowledgements').where('finding', '=', finding).execute();
        if (acknowledgement === null) return;
        const { by: owner, reason, at, until } = acknowledgement;
        await trx.insertInto('acknowledgements').values({ finding, owner, reason, at, until }).execute();
      }),
    keepOpenFindings: (open) =>
      transact(async (trx) => {
        await trx.deleteFrom('open_findings').execute();
        for (const rows of chunks(Object.entries(open)))
          await trx
            .insertInto('open_findings')
            .values(rows.map(([finding, since]) => ({ finding, since })))
            .execute();
      }),
    async finish(batch) {
      await append(batch);
      await database.close();
    },
    retain: ({ maxAgeMs, maxRows }, now) =>
      transact(async (trx) => {
        const oldest = now - maxAgeMs;
        await trx.deleteFrom('acknowledgements').where('until', '<', now).execute();
        const counts = [
          await deleteTransitions(trx, oldest, maxRows),
          await deleteStretches(trx, oldest, maxRows),
          await deleteFacts(trx, oldest),
        ];
        return { deleted: counts.reduce((sum, one) => sum + one, 0), more: counts.includes(SLICE) };
      }),
    close: () => database.close(),
  };
}

async function keepStretches(trx: Transaction<Tables>, rows: Tables['blind'][]): Promise<void> {
  await trx
    .insertInto('blind')
    .values(rows)
    // An end stays: repeating an older batch must not open the stretch again.
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ until: sql<number | null>`coalesce(blind.until, excluded.until)` }),
    )
    .execute();
}

async function keepAlive(trx: Transaction<Tables>, at: number, stopping: boolean): Promise<void> {
  const row = { at, stopped: stopping ? (1 as const) : (0 as const) };
  await trx
    .insertInto('alive')
    .values({ id: 1, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
}

async function deleteTransitions(trx: Transaction<Tables>, oldest: number, maxRows: number): Promise<number> {
  const surplus = await trx
    .selectFrom('transitions')
    .select('id')
    .orderBy('id', 'desc')
    .limit(1)
    .offset(maxRows)
    .executeTakeFirst();
  const before = Math.max(nextId(0, oldest), (surplus?.id ?? 0) + 1);
  const slice = trx.selectFrom('transitions').select('id').where('id', '<', before).orderBy('id').limit(SLICE);
  return countOf(await trx.deleteFrom('transitions').where('id', 'in', slice).executeTakeFirst());
}

async function deleteStretches(trx: Transaction<Tables>, oldest: number, maxRows: number): Promise<number> {
  const surplus = await trx
    .selectFrom('blind')
    .select('since')
    .orderBy('since', 'desc')
    .limit(1)
    .offset(maxRows)
    .executeTakeFirst();
  const slice = trx
    .selectFrom('blind')
    .select('id')
    .where((eb) => eb.or([eb('until', '<', oldest), eb('since', '<=', surplus?.since ?? 0)]))
    .orderBy('since')
    .limit(SLICE);
  return countOf(await trx.deleteFrom('blind').where('id', 'in', slice).executeTakeFirst());
}

async function deleteFacts(trx: Transaction<Tables>, oldest: number): Promise<number> {
  const surplus = await trx
    .selectFrom('facts')
    .select('at')
    .orderBy('at', 'desc')
    .limit(1)
    .offset(FACTS_KEPT)
    .executeTakeFirst();
  const slice = trx
    .selectFrom('facts')
    .select('key')
    .where('at', '<=', Math.max(oldest, surplus?.at ?? 0))
    .limit(SLICE);
  return countOf(await trx.deleteFrom('facts').where('key', 'in', slice).executeTakeFirst());
}

function countOf(result: { numDeletedRows: bigint }): number {
  return Number(result.numDeletedRows);
}

function* chunks<T>(rows: readonly T[]): Generator<T[]> {
  for (let start = 0; start < rows.length; start += CHUNK) yield rows.slice(start, start + CHUNK);
}
