/** Everything that only reads the file. */

import { type Kysely, sql } from 'kysely';
import { nextId } from '#server/history/ids.ts';
import type { HistoryStore } from '#server/history/store.ts';
import { readOnlyDatabase } from './database.ts';
import { stretchOfRow, transitionOfRow } from './rows.ts';
import type { Tables } from './tables.ts';

export type Reader = Pick<HistoryStore, 'transitions' | 'blind' | 'acknowledgements' | 'openFindings' | 'close'>;

/** The reading half of the store, in this thread. */
export function openReader(path: string): Reader {
  const database = readOnlyDatabase(path);
  return {
    transitions: ({ limit, before, from, to, code, kind, subject }) =>
      database.use(async (db) => {
        let rows = db.selectFrom('transitions').selectAll();
        if (before !== undefined) rows = rows.where('id', '<', before);
        // An id is never smaller than its time says: this bound lets the search end early.
        if (from !== undefined) rows = rows.where('id', '>=', nextId(0, from)).where('at', '>=', from);
        if (to !== undefined) rows = rows.where('id', '<', await idsUntil(db, to)).where('at', '<=', to);
        if (code !== undefined) rows = rows.where('code', 'in', code);
        if (kind !== undefined) rows = rows.where('kind', '=', kind);
        if (subject !== undefined) rows = rows.where('subject', '=', subject);
        const found = await rows
          .orderBy('id', 'desc')
          .limit(limit + 1)
          .execute();
        return { transitions: found.slice(0, limit).map(transitionOfRow), more: found.length > limit };
      }),
    blind: ({ from, to, limit }) =>
      database.use(async (db) => {
        const found = await db
          .selectFrom('blind')
          .selectAll()
          .where('since', '<=', to)
          .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>=', from)]))
          .orderBy('since', 'desc')
          .limit(limit + 1)
          .execute();
        return { stretches: found.slice(0, limit).map(stretchOfRow), more: found.length > limit };
      }),
    acknowledgements: () =>
      database.use(async (db) => {
        const rows = await db.selectFrom('acknowledgements').selectAll().execute();
        return Object.fromEntries(
          rows.map(({ finding, owner, reason, at, until }) => [finding, { by: owner, reason, at, until }]),
        );
      }),
    openFindings: () =>
      database.use(async (db) => {
        const rows = await db.selectFrom('open_findings').selectAll().execute();
        return Object.fromEntries(rows.map(({ finding, since }) => [finding, since]));
      }),
    close: () => database.close(),
  };
}

/** A bound above the ids of everything that happened until `to`: without it the search would walk back through all. */
async function idsUntil(db: Kysely<Tables>, to: number): Promise<number> {
  const ahead = await db
    .selectFrom('transitions')
    .select((eb) => eb.fn.max('id').as('id'))
    .where(sql<boolean>`id >= (at + 1) * 1000`)
    .where('at', '<=', to)
    .executeTakeFirst();
  return Math.max(nextId(0, to + 1), (ahead?.id ?? 0) + 1);
}
