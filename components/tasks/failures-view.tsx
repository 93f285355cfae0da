'use client';
/** The failures page: failed tasks by exception and task, the most frequent first. */
import Link from 'next/link';
import { useNow } from '#components/live/live-provider.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Age } from '#components/ui/time.tsx';
import type { TaskFailures } from '#lib/contract/tasks.ts';
import { formatTotal } from '#lib/format/task.ts';
import { routes, taskRoute, tasksRoute } from '#lib/routes.ts';
import { type TaskView, useTaskView } from './filter.ts';
import { Masked } from './printed.tsx';
import { RangeBar } from './range-bar.tsx';
import { NotRead } from './tasks-off.tsx';
import { useTaskFailures } from './use-tasks.ts';

type Group = TaskFailures['groups'][number];

export function FailuresView() {
  return (
    <Answers>
      <LivePage title="Failures" about="failed tasks by exception and task, the most frequent first">
        {() => <FailuresPage />}
      </LivePage>
    </Answers>
  );
}

function FailuresPage() {
  const now = useNow();
  const [view] = useTaskView();
  const { data, error, refetch } = useTaskFailures(view);
  return (
    <Panel
      id="failures"
      title="Failed tasks"
      note={
        <Link href={{ pathname: routes.tasks }} className="text-accent hover:underline">
          all tasks
        </Link>
      }
    >
      <div className="mb-2">
        <RangeBar now={now} />
      </div>
      {data !== undefined ? (
        <DataTable
          name="failures"
          one="kind of failure"
          many="kinds of failure"
          rows={data.groups}
          columns={columnsFor(view)}
          rowId={groupId}
          rowData={(group) => ({ 'data-exception': group.exception })}
          empty="No task failed in this time."
        />
      ) : error !== null ? (
        <NotRead what="The failures" error={error} again={() => void refetch()} />
      ) : (
        <p aria-busy className="min-h-[50vh] p-6 text-center text-text-3">
          Reading failures…
        </p>
      )}
    </Panel>
  );
}

function groupId({ exception, name }: Group): string {
  return `${exception}\n${name ?? ''}`;
}

function columnsFor(view: TaskView): readonly Column<Group>[] {
  return [
    {
      ...{ id: 'exception', title: 'Exception', value: ({ exception }: Group) => exception },
      cell: (group) => (
        <Link
          href={listOf(group, view)}
          className="font-mono break-words text-down hover:underline"
          title="Show these tasks"
        >
          {group.exception}
        </Link>
      ),
    },
    {
      ...{ id: 'task', title: 'Task', value: ({ name }: Group) => name },
      cell: ({ name }) => <span className="font-mono break-words">{name ?? 'no name told'}</span>,
    },
    {
      ...{ id: 'count', title: 'Tasks', value: ({ count }: Group) => count, align: 'right' as const },
      cell: ({ count }) => <b className="font-semibold">{formatTotal(count)}</b>,
    },
    {
      ...{ id: 'first', title: 'First', value: ({ firstAt }: Group) => firstAt, align: 'right' as const, wide: true },
      cell: ({ firstAt }) => <Age at={firstAt} suffix=" ago" />,
    },
    {
      ...{ id: 'last', title: 'Last', value: ({ lastAt }: Group) => lastAt, align: 'right' as const },
      cell: ({ lastAt }) => <Age at={lastAt} suffix=" ago" />,
    },
    {
      ...{ id: 'example', title: 'Newest example', value: ({ example }: Group) => example.exception, wide: true },
      cell: ({ example }) => (
        <Link
          href={taskRoute(example.id)}
          title={example.exception ?? example.id}
          className="block max-w-[36vw] truncate font-mono text-accent hover:underline"
        >
          {example.exception === null ? example.id : <Masked text={example.exception} />}
        </Link>
      ),
    },
  ];
}

/** The list of a group's tasks, in the same stretch of time. */
function listOf({ exception, name }: Group, { range, from, to }: TaskView): ReturnType<typeof tasksRoute> {
  return tasksRoute({
    state: 'FAILURE',
    exception,
    ...(name === null ? {} : { name }),
    ...(range === null ? {} : { range }),
    ...(from === null ? {} : { from: String(from) }),
    ...(to === null ? {} : { to: String(to) }),
  });
}
