import { expect, test } from 'vitest';
import type { Task } from '#lib/model/task.ts';
import { exportHead, exportRows, exportTail } from './task-export.ts';

const task = (id: string, rest: Partial<Task> = {}): Task => ({
  ...{ id, name: 'lab.add', state: 'SUCCESS', worker: 'celery@host-1', queue: 'celery', args: '(1, 2)', kwargs: '{}' },
  ...{ result: '3', exception: null, sentAt: null, receivedAt: 1_000, startedAt: null, finishedAt: null, at: 1_000 },
  ...{
    runtimeMs: 1.5,
    waitMs: null,
    retries: 0,
    redeliveries: 0,
    eta: null,
    expires: null,
    rootId: id,
    parentId: null,
  },
  ...{ groupId: null, canary: false, endedBy: 'events' },
  ...rest,
});

test('JSON written in pages is one list with one task a line', () => {
  const [a, b, c] = [task('a'), task('b', { result: 'two\nlines' }), task('c')];
  const text =
    exportHead('json') + exportRows('json', [a, b], true) + exportRows('json', [c], false) + exportTail('json');
  expect(JSON.parse(text)).toEqual([a, b, c]);
  expect(text.split('\n').filter((line) => line.startsWith('{'))).toHaveLength(3);
});

test('no task at all is still a list', () => {
  expect(JSON.parse(exportHead('json') + exportRows('json', [], true) + exportTail('json'))).toEqual([]);
});

test('CSV has a line of columns and one line a task, times as ISO, commas quoted', () => {
  const text = exportHead('csv') + exportRows('csv', [task('a')], true) + exportRows('csv', [task('b')], false);
  const lines = text.split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^id,name,state,/);
  expect(lines[1]).toContain('a,lab.add,SUCCESS,celery@host-1,celery,"(1, 2)",{},3,,1970-01-01T00:00:01.000Z');
  expect(lines[1]?.split(',')).toHaveLength((lines[0]?.split(',').length ?? 0) + 1);
});

test('a printed value that a spreadsheet would calculate is made text', () => {
  expect(exportRows('csv', [task('a', { result: '=cmd()' })], true)).toContain(",'=cmd(),");
});
