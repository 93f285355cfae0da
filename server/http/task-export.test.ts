/** Exports of tasks: whole, bounded, and broken off where they are not whole. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { EXPORT_HEADERS } from '#lib/contract/task-requests.ts';
import type { TaskQuery } from '#lib/contract/tasks.ts';
import type { Task } from '#lib/model/task.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';
import { exportTasks } from './task-export.ts';

const NOW = 5;
const QUERY = { format: 'json', sort: 'newest' } as const;

/** A reader of `count` tasks that pages by index, and notes what it was asked. */
function readerOf(count: number, failsAt = Number.POSITIVE_INFINITY) {
  const asked: TaskQuery[] = [];
  const reader = {
    async counts() {
      return { now: NOW, total: count, byState: {}, exact: true };
    },
    async tasks(query: TaskQuery) {
      asked.push(query);
      const start = Number(query.after ?? 0);
      if (start >= failsAt) throw new Error('disk gone');
      const end = Math.min(count, start + query.limit);
      const tasks = Array.from({ length: end - start }, (_, i) => ({ id: `t${start + i}` }) as Task);
      return { now: NOW, tasks, next: end < count ? String(end) : null };
    },
  };
  return { reader: reader as unknown as TaskReader, asked };
}

test('every page comes, each task once, and the headers tell how many', async () => {
  const { reader, asked } = readerOf(1_203);
  const response = await exportTasks(reader, { ...QUERY, name: ['a'] }, NOW);
  const rows = (await response.json()) as Task[];
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 1_203 }, (_, i) => `t${i}`));
  expect(response.headers.get(EXPORT_HEADERS.total)).toBe('1203');
  expect(response.headers.get(EXPORT_HEADERS.exact)).toBe('yes');
  expect(response.headers.get('content-disposition')).toBe('attachment; filename="tasks.json"');
  expect(asked.every(({ name }) => name?.[0] === 'a')).toBe(true);
});

test('no more rows than the limit are sent, and the limit is told', async () => {
  const response = await exportTasks(readerOf(1_203).reader, QUERY, NOW, 700);
  expect(response.headers.get(EXPORT_HEADERS.limit)).toBe('700');
  expect(await response.json()).toHaveLength(700);
});

test('nothing found is an empty list', async () => {
  expect(await (await exportTasks(readerOf(0).reader, QUERY, NOW)).json()).toEqual([]);
});

test('pages are read as they are taken, and none for a reader that went away', async () => {
  const { reader, asked } = readerOf(1_000_000);
  const body = (await exportTasks(reader, QUERY, NOW)).body as ReadableStream;
  const stream = body.getReader();
  await stream.read();
  await stream.read();
  await turn();
  const ahead = asked.length;
  expect(ahead).toBeLessThan(5);
  await stream.cancel();
  await turn();
  expect(asked).toHaveLength(ahead);
});

test('a store that fails on the way breaks the file off, so that it never looks whole', async () => {
  const response = await exportTasks(readerOf(1_203, 500).reader, QUERY, NOW);
  await expect(response.text()).rejects.toThrow('disk gone');
});
