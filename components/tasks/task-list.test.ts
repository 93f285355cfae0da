import { expect, test } from 'vitest';
import type { TaskPage } from '#lib/contract/tasks.ts';
import { sampleTask } from './sample-task.ts';
import { newerOf, rowsOf } from './task-list.ts';

const page = (ids: string, next: string | null = 'more', state: 'SUCCESS' | 'STARTED' = 'SUCCESS'): TaskPage => ({
  now: 1,
  tasks: [...ids].map((id) => sampleTask(id, { state })),
  next,
});
const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).join('');

test('at the top the rows are the first page as it is now', () => {
  expect(idsOf(rowsOf(null, page('zyx'), [page('old')]))).toBe('zyx');
  expect(rowsOf(null, undefined, [])).toEqual([]);
});

test('scrolled away, new tasks move nothing', () => {
  expect(idsOf(rowsOf(page('cba'), page('zyxcb'), []))).toBe('cba');
  expect(idsOf(rowsOf(page('cba'), page('zyx'), [page('98'), page('76')]))).toBe('cba9876');
});

test('a row that stands still tells its newest state', () => {
  const [row] = rowsOf(page('a', null, 'STARTED'), page('ba'), []);
  expect(row?.state).toBe('SUCCESS');
});

test('a task on two pages is one row', () => {
  expect(idsOf(rowsOf(page('cba'), undefined, [page('a98')]))).toBe('cba98');
});

test('what the reader does not have is counted; a page of nothing else may have more behind it', () => {
  expect(newerOf(page('cba'), page('zyxcba'))).toEqual({ count: 3, isAll: false });
  expect(newerOf(page('cba'), page('zyx'))).toEqual({ count: 3, isAll: true });
  expect(newerOf(page('cba'), page('zyx', null))).toEqual({ count: 3, isAll: false });
  expect(newerOf(page('cba'), page('cba'))).toEqual({ count: 0, isAll: false });
  expect(newerOf(null, page('cba'))).toEqual({ count: 0, isAll: false });
});
