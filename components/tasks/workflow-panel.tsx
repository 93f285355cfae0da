'use client';
import Link from 'next/link';
/** The workflow of a task: drawn, or as a table. */
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useMemo } from 'react';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import type { TaskAnswer } from '#lib/contract/tasks.ts';
import { formatDuration, STATE_WORDS } from '#lib/format/task.ts';
import type { Task } from '#lib/model/task.ts';
import { taskRoute, tasksRoute } from '#lib/routes.ts';
import { TaskStateMark } from './task-state.tsx';
import { WorkflowGraph } from './workflow-graph.tsx';
import { layOut, progressOf, progressText } from './workflow-layout.ts';

const VIEWS = ['graph', 'table'] as const;

export function WorkflowPanel({ task, workflow, workflowTruncated }: TaskAnswer) {
  const [view, setView] = useQueryState('workflow', parseAsStringLiteral(VIEWS).withDefault('graph'));
  const tasks = workflow.some(({ id }) => id === task.id) ? workflow : [task, ...workflow];
  const graph = useMemo(() => layOut(tasks), [tasks]);
  const other = view === 'graph' ? 'table' : 'graph';
  const isCut = workflowTruncated || graph.left > 0;
  return (
    <Panel
      id="workflow"
      title="Workflow"
      note={tasks.length === 1 ? 'this task alone, as far as its events tell' : progressText(progressOf(tasks))}
      actions={
        tasks.length > 1 && (
          <button
            type="button"
            onClick={() => void setView(other)}
            className="rounded-sm border border-line px-2 text-[12px] text-text-2 hover:bg-raised"
          >
            as {other}
          </button>
        )
      }
    >
      {view === 'graph' ? (
        <WorkflowGraph graph={graph} current={task.id} />
      ) : (
        <DataTable
          name="workflow"
          one="task"
          many="tasks of the workflow"
          rows={tasks}
          columns={COLUMNS}
          rowId={({ id }) => id}
          rowData={({ state }) => ({ 'data-state': state })}
          selected={task.id}
          empty="Nothing is known of its workflow."
        />
      )}
      {isCut && (
        <p className="mt-1 text-[12px] text-text-2">
          The workflow has more tasks than fit here.{' '}
          <Link href={tasksRoute({ root: task.rootId ?? task.id })} className="text-accent hover:underline">
            All of them in the list
          </Link>
        </p>
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Task>[] = [
  {
    ...{ id: 'task', title: 'Task', value: ({ name, id }: Task) => name ?? id },
    cell: ({ id, name }) => (
      <Link href={taskRoute(id)} title={id} className="font-mono break-words text-accent hover:underline">
        {name ?? id}
      </Link>
    ),
  },
  {
    ...{ id: 'state', title: 'State', value: ({ state }: Task) => STATE_WORDS[state] },
    cell: ({ state }) => <TaskStateMark state={state} />,
  },
  { id: 'id', title: 'Id', value: ({ id }) => id, wide: true },
  { id: 'parent', title: 'Started by', value: ({ parentId }) => parentId, wide: true },
  { id: 'group', title: 'Group', value: ({ groupId }) => groupId, wide: true },
  { id: 'worker', title: 'Worker', value: ({ worker }) => worker, wide: true },
  {
    ...{ id: 'runtime', title: 'Runtime', value: ({ runtimeMs }: Task) => runtimeMs, align: 'right' as const },
    cell: ({ runtimeMs }) => (runtimeMs === null ? undefined : formatDuration(runtimeMs)),
  },
];
