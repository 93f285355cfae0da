'use client';
/** The tasks in a worker's hands: those that run, wait in it, are planned, and those that it would discard. */
import Link from 'next/link';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Age } from '#components/ui/time.tsx';
import { callText, formatTotal } from '#lib/format/task.ts';
import { type HeldTask, heldTasks, isRecord, partOf } from '#lib/format/worker-reply.ts';
import { taskRoute, tasksRoute } from '#lib/routes.ts';
import { Asked } from './asked.tsx';
import type { TabProps } from './tabs.tsx';

const HELD = [
  ['active', 'Active', 'It runs no task.'],
  ['reserved', 'Reserved', 'No task waits in it.'],
  ['scheduled', 'Scheduled', 'No task with a planned time is in it.'],
] as const;

export function TasksTab({ worker, now }: TabProps) {
  return (
    <div className="grid gap-4">
      <Asked worker={worker} now={now} method="stats" title="Processed">
        {(reply) => <Processed reply={reply} worker={worker.id} />}
      </Asked>
      {HELD.map(([method, title, empty]) => (
        <Asked key={method} worker={worker} now={now} method={method} title={title}>
          {(reply) => (
            <DataTable
              name={method}
              one="task"
              many="tasks"
              rows={heldTasks(reply)}
              columns={COLUMNS}
              rowId={({ id }) => id}
              rowData={({ id }) => ({ 'data-held': id })}
              empty={empty}
            />
          )}
        </Asked>
      ))}
      <Asked worker={worker} now={now} method="revoked" title="Revoked">
        {(reply) => <Revoked reply={reply} />}
      </Asked>
    </div>
  );
}

type Total = { name: string; count: number };

const TOTAL_COLUMNS: readonly Column<Total>[] = [
  { id: 'task', title: 'Task', value: ({ name }) => name },
  {
    ...{ id: 'count', title: 'Since it started', value: ({ count }) => count, align: 'right' },
    cell: ({ count }) => formatTotal(count),
  },
];

function Processed({ reply, worker }: { reply: unknown; worker: string }) {
  const total = partOf(reply, 'total');
  const rows = Object.entries(isRecord(total) ? total : {}).map(([name, count]) => ({ name, count: Number(count) }));
  return (
    <>
      <DataTable
        name="processed"
        one="kind of task"
        many="kinds of task"
        bare
        rows={rows}
        columns={TOTAL_COLUMNS}
        rowId={({ name }) => name}
        sort="-count"
        empty="It has processed no task since it started."
      />
      <Link href={tasksRoute({ worker })} className="text-[12px] text-accent hover:underline">
        Its tasks in the history
      </Link>
    </>
  );
}

const COLUMNS: readonly Column<HeldTask>[] = [
  {
    ...{ id: 'task', title: 'Task', value: ({ name, id }) => name ?? id },
    cell: ({ id, name }) => (
      <Link href={taskRoute(id)} title={id} className="font-mono text-accent hover:underline">
        {name ?? id}
      </Link>
    ),
  },
  {
    ...{ id: 'arguments', title: 'Arguments', value: ({ args, kwargs }) => callText(args, kwargs), wide: true },
    cell: ({ args, kwargs }) => {
      const call = callText(args, kwargs);
      return call === null ? null : (
        <span title={call} className="block max-w-[30vw] truncate font-mono">
          {call}
        </span>
      );
    },
  },
  { id: 'queue', title: 'Queue', value: ({ queue }) => queue, wide: true },
  { id: 'eta', title: 'Not before', value: ({ eta }) => eta, wide: true },
  {
    ...{ id: 'started', title: 'Runs for', value: ({ startedAtSeconds }) => startedAtSeconds, align: 'right' },
    cell: ({ startedAtSeconds }) => (startedAtSeconds === null ? null : <Age at={startedAtSeconds * 1_000} />),
  },
  { id: 'pid', title: 'Process', value: ({ pid }) => pid, align: 'right', wide: true },
  {
    ...{ id: 'acknowledged', title: 'Acknowledged', wide: true },
    value: ({ acknowledged }) => (acknowledged === null ? null : acknowledged ? 'yes' : 'no'),
  },
  {
    ...{ id: 'redelivered', title: 'Again', wide: true },
    value: ({ redelivered }) => (redelivered === null ? null : redelivered ? 'redelivered' : 'no'),
  },
  { id: 'id', title: 'Id', value: ({ id }) => id, wide: true },
];

type RevokedTask = { id: string };

const REVOKED_COLUMNS: readonly Column<RevokedTask>[] = [
  {
    ...{ id: 'id', title: 'Task', value: ({ id }) => id },
    cell: ({ id }) => (
      <Link href={taskRoute(id)} className="font-mono text-accent hover:underline">
        {id}
      </Link>
    ),
  },
];

function Revoked({ reply }: { reply: unknown }) {
  const ids = Array.isArray(reply) ? reply.filter((id) => typeof id === 'string') : [];
  return (
    <DataTable
      name="revoked"
      one="task"
      many="tasks"
      rows={ids.map((id) => ({ id }))}
      columns={REVOKED_COLUMNS}
      rowId={({ id }) => id}
      empty="It would discard no task."
    />
  );
}
