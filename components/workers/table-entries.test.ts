import { expect, test } from 'vitest';
import type { WorkerRow } from '#lib/format/worker.ts';
import { entriesOf, sortRows } from './table-entries.ts';

function row(id: string, active: number | null = null): WorkerRow {
  return {
    ...{ id, host: null, state: 'online', shown: { status: 'ok', word: 'online' }, since: null, heartbeatAt: null },
    ...{ heartbeatEveryMs: null, queues: null, brokerNodes: [], proxies: [], active, processed: null },
    ...{ tasksPerSecond: null, loadAverage: null, software: null, clockSkewMs: null, missedTasks: null },
    ...{ contradiction: null, isArchived: false },
  };
}

const PODS = [row('celery@web-6d4b75cb6d-hxk2p', 1), row('celery@web-7b59f7d4c8-qw4rt', 5)];
const HOST = row('celery@host-10', 3);
const idsOf = (rows: readonly WorkerRow[]) => rows.map(({ id }) => id);

test('a closed group is one line, an open one shows its members under it', () => {
  const closed = entriesOf([HOST, ...PODS], () => false);
  expect(closed.map((entry) => (entry.kind === 'group' ? entry.name : entry.row.id))).toEqual([
    HOST.id,
    'celery@web-*',
  ]);
  const open = entriesOf([HOST, ...PODS], (group) => group === 'celery@web-*');
  expect(open).toHaveLength(4);
  expect(open.map((entry) => entry.kind === 'worker' && entry.isMember)).toEqual([false, false, true, true]);
});

test('a group stands where its first worker does', () => {
  const byActive = sortRows([...PODS, HOST], ({ active }) => active, true);
  expect(entriesOf(byActive, () => false).map(({ kind }) => kind)).toEqual(['group', 'worker']);
});

test('names are ordered as people count, and what has no value comes last whichever way', () => {
  const rows = [row('celery@host-10'), row('celery@host-2', 0), row('celery@host-1', 7)];
  expect(idsOf(sortRows(rows, ({ id }) => id, false))).toEqual(['celery@host-1', 'celery@host-2', 'celery@host-10']);
  expect(idsOf(sortRows(rows, ({ active }) => active, false)).at(-1)).toBe('celery@host-10');
  expect(idsOf(sortRows(rows, ({ active }) => active, true))).toEqual([
    'celery@host-1',
    'celery@host-2',
    'celery@host-10',
  ]);
});
