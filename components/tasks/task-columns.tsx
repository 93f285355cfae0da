/** The columns of the list of tasks. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { CopyButton } from '#components/ui/copyable.tsx';
import { Age } from '#components/ui/time.tsx';
import type { TaskSort } from '#lib/contract/tasks.ts';
import { callText, formatDuration } from '#lib/format/task.ts';
import type { Task } from '#lib/model/task.ts';
import { taskRoute } from '#lib/routes.ts';
import { Masked } from './printed.tsx';
import { TaskStateMark } from './task-state.tsx';

export type TaskColumn = {
  id: string;
  title: string;
  /** Of the table; none = shares what is left. */
  width?: string;
  align?: 'right';
  /** From which width of the screen on it is shown. */
  from?: 'md' | 'lg';
  /** The orders that its heading changes between. */
  sorts?: readonly TaskSort[];
  cell(task: Task): ReactNode;
};

/** The class that hides a column where there is no room for it. */
export function hiding({ from }: TaskColumn): string {
  return from === 'md' ? 'max-md:hidden' : from === 'lg' ? 'max-xl:hidden' : '';
}

const DASH = <span className="text-text-3">–</span>;

export const TASK_COLUMNS: readonly TaskColumn[] = [
  { id: 'state', title: 'State', width: '6.5rem', cell: ({ state }) => <TaskStateMark state={state} /> },
  { id: 'name', title: 'Task', cell: (task) => <NameCell task={task} /> },
  { id: 'args', title: 'Arguments', from: 'lg', cell: (task) => <ArgumentsCell task={task} /> },
  { id: 'worker', title: 'Worker', width: '9.5rem', from: 'md', cell: ({ worker }) => oneLine(worker) },
  { id: 'queue', title: 'Queue', width: '6rem', from: 'lg', cell: ({ queue }) => oneLine(queue) },
  {
    ...{ id: 'received', title: 'Received', width: '5.5rem', align: 'right', sorts: ['newest', 'oldest'] },
    cell: (task) => <ReceivedCell task={task} />,
  },
  { id: 'wait', title: 'Wait', width: '5.5rem', align: 'right', from: 'md', cell: ({ waitMs }) => duration(waitMs) },
  {
    ...{ id: 'runtime', title: 'Runtime', width: '5.5rem', align: 'right', from: 'md', sorts: ['slowest', 'newest'] },
    cell: ({ runtimeMs }) => duration(runtimeMs),
  },
  { id: 'again', title: 'Again', width: '6rem', align: 'right', from: 'md', cell: (task) => <AgainCell task={task} /> },
];

function NameCell({ task: { id, name, canary } }: { task: Task }) {
  return (
    <span className="flex min-w-0 items-baseline gap-1.5">
      <Link
        href={taskRoute(id)}
        prefetch={false}
        title={`${name ?? 'no name told'} · ${id}`}
        className="min-w-0 truncate font-mono text-accent hover:underline"
      >
        {name ?? id}
      </Link>
      {canary && <span className="text-[11px] text-text-3">canary</span>}
      <span className="ml-auto shrink-0 font-mono text-[11px] text-text-3 max-md:hidden" title={id}>
        {id.slice(0, 8)} <CopyButton name={id} text={id} />
      </span>
    </span>
  );
}

function ArgumentsCell({ task: { args, kwargs } }: { task: Task }) {
  const text = callText(args, kwargs);
  if (text === null) return <span className="text-text-3">not told</span>;
  return (
    <span className="block truncate font-mono text-[11px] text-text-2" title={text}>
      {text === '' ? '()' : <Masked text={text} />}
    </span>
  );
}

/** Of a task that no worker has, when it was published. */
function ReceivedCell({ task: { receivedAt, at } }: { task: Task }) {
  return (
    <span className={receivedAt === null ? 'text-text-3 italic' : ''}>
      <Age at={receivedAt ?? at} />
      {receivedAt === null && <span className="sr-only">, not received yet</span>}
    </span>
  );
}

function AgainCell({ task: { retries, redeliveries } }: { task: Task }) {
  if (retries === 0 && redeliveries === 0) return DASH;
  return (
    <span className="whitespace-nowrap">
      {retries > 0 && <span title="retries that the task asked for">{retries}×</span>}
      {redeliveries > 0 && (
        <span className="ml-1 text-degraded" title="given out again by the broker">
          +{redeliveries} redel.
        </span>
      )}
    </span>
  );
}

function oneLine(text: string | null): ReactNode {
  return text === null ? (
    DASH
  ) : (
    <span className="block truncate" title={text}>
      {text}
    </span>
  );
}

function duration(durationMs: number | null): ReactNode {
  return durationMs === null ? DASH : <span className="whitespace-nowrap">{formatDuration(durationMs)}</span>;
}
