/** Tasks as lines of a file. Pure. */
import type { ExportFormat } from '#lib/contract/task-requests.ts';
import type { Task } from '#lib/model/task.ts';
import { csvOf } from './export.ts';

const FIELDS: readonly (keyof Task)[] = [
  ...(['id', 'name', 'state', 'worker', 'queue', 'args', 'kwargs', 'result', 'exception'] as const),
  ...(['at', 'sentAt', 'receivedAt', 'startedAt', 'finishedAt', 'eta', 'expires'] as const),
  ...([
    'waitMs',
    'runtimeMs',
    'retries',
    'redeliveries',
    'rootId',
    'parentId',
    'groupId',
    'canary',
    'endedBy',
  ] as const),
];

const TIMES: ReadonlySet<keyof Task> = new Set([
  'at',
  'sentAt',
  'receivedAt',
  'startedAt',
  'finishedAt',
  'eta',
  'expires',
]);

/** What stands before the first task. */
export function exportHead(format: ExportFormat): string {
  return format === 'csv' ? csvOf({ columns: FIELDS, rows: [] }) : '[\n';
}

/** Tasks as text; `isFirst` = none was written before them. JSON has one task a line. */
export function exportRows(format: ExportFormat, tasks: readonly Task[], isFirst: boolean): string {
  if (tasks.length === 0) return '';
  if (format === 'json') return `${isFirst ? '' : ',\n'}${tasks.map((task) => JSON.stringify(task)).join(',\n')}`;
  const rows = tasks.map((task) => FIELDS.map((field) => cellOf(task, field)));
  // The line of its columns was written as the head.
  return csvOf({ columns: [], rows }).slice(2);
}

/** What stands after the last task. */
export function exportTail(format: ExportFormat): string {
  return format === 'csv' ? '' : '\n]\n';
}

function cellOf(task: Task, field: keyof Task): string | number | null {
  const value = task[field];
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'number' && TIMES.has(field) ? new Date(value).toISOString() : value;
}
