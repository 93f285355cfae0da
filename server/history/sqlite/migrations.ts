/** Every step of the tables, in order of name. A step that was released never changes: a new one follows. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-timeline': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('transitions')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('code', 'text', (column) => column.notNull())
        .addColumn('kind', 'text', (column) => column.notNull())
        .addColumn('subject', 'text', (column) => column.notNull())
        .addColumn('part', 'text')
        .addColumn('was', 'text', (column) => column.notNull())
        .addColumn('became', 'text', (column) => column.notNull())
        .addColumn('said_by', 'text', (column) => column.notNull())
        .addColumn('between_from', 'integer')
        .addColumn('between_to', 'integer')
        .modifyEnd(sql`strict`)
        .execute();
      await db.schema.createIndex('transitions_code').on('transitions').columns(['code', 'id']).execute();
      await db.schema.createIndex('transitions_kind').on('transitions').columns(['kind', 'id']).execute();
      await db.schema.createIndex('transitions_subject').on('transitions').columns(['subject', 'id']).execute();
      // The few that were numbered after the clock went back: only they have a larger id than their time says.
      await sql`create index transitions_ahead on transitions (id) where id >= (at + 1) * 1000`.execute(db);
      await db.schema
        .createTable('blind')
        .addColumn('id', 'text', (column) => column.primaryKey())
        .addColumn('what', 'text', (column) => column.notNull())
        .addColumn('since', 'integer', (column) => column.notNull())
        .addColumn('until', 'integer')
        .addColumn('code', 'text', (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute();
      await db.schema.createIndex('blind_since').on('blind').columns(['since']).execute();
      await db.schema
        .createTable('facts')
        .addColumn('key', 'text', (column) => column.primaryKey())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('fact', 'text', (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute();
      await db.schema
        .createTable('alive')
        .addColumn('id', 'integer', (column) => column.primaryKey().check(sql`id = 1`))
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('stopped', 'integer', (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute();
    },
  },
  '0002-cause': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('transitions').addColumn('cause', 'text').execute();
    },
  },
  '0003-acknowledgements': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('acknowledgements')
        .addColumn('finding', 'text', (column) => column.primaryKey())
        .addColumn('owner', 'text', (column) => column.notNull())
        .addColumn('reason', 'text', (column) => column.notNull())
        .addColumn('at', 'integer', (column) => column.notNull())
        .addColumn('until', 'integer', (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute();
    },
  },
  '0004-open-findings': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('open_findings')
        .addColumn('finding', 'text', (column) => column.primaryKey())
        .addColumn('since', 'integer', (column) => column.notNull())
        .modifyEnd(sql`strict`)
        .execute();
    },
  },
};
