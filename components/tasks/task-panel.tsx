'use client';
/** What a task is: its fields, arguments and outcome. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { Copyable } from '#components/ui/copyable.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age, ClockTime } from '#components/ui/time.tsx';
import { formatAge, formatCount } from '#lib/format/quantity.ts';
import { formatDuration, STATE_MEANINGS } from '#lib/format/task.ts';
import type { Model } from '#lib/model/model.ts';
import type { TaskDetail } from '#lib/model/task.ts';
import { taskRoute, tasksRoute, workerRoute } from '#lib/routes.ts';
import { Printed } from './printed.tsx';
import { TaskActions } from './task-actions.tsx';
import { TaskStateMark } from './task-state.tsx';

type Props = { task: TaskDetail; model: Model; now: number };

export function TaskPanel({ task, model, now }: Props) {
  const { id, name, state, canary, args, kwargs, result, exception, traceback } = task;
  return (
    <Panel
      id="task"
      title={name ?? 'Task without a name'}
      note={
        <span className="flex flex-wrap items-baseline gap-x-2">
          <TaskStateMark state={state} />
          {canary && <Tag>canary</Tag>}
          <span>{STATE_MEANINGS[state]}</span>
        </span>
      }
    >
      <div className="grid min-w-0 gap-3">
        <p className="text-[12px]">
          <Copyable text={id} />
        </p>
        <TaskFacts task={task} model={model} now={now} />
        <div className="grid min-w-0 gap-2 lg:grid-cols-2">
          <Printed name="Arguments" text={args ?? 'not told'} />
          <Printed name="Keyword arguments" text={kwargs ?? 'not told'} />
        </div>
        {result !== null && <Printed name="Result" text={result} />}
        {exception !== null && <Printed name="Exception" text={exception} bad />}
        {traceback !== null && <Printed name="Traceback" text={traceback} bad endMatters />}
        <TaskActions task={task} />
      </div>
    </Panel>
  );
}

function TaskFacts({ task, model, now }: Props) {
  const { id, worker, queue, exchange, routingKey, retries, redeliveries, eta, expires, rootId, parentId } = task;
  const { waitMs, runtimeMs, endedBy, groupId, name } = task;
  const time = (at: number | null) => (at === null ? 'not told' : <Moment at={at} />);
  return (
    <dl className="grid min-w-0 grid-cols-[repeat(auto-fill,minmax(min(100%,9rem),1fr))] gap-x-3 gap-y-1.5 text-[12px]">
      <Fact name="Worker">{worker === null ? 'none yet' : <WorkerLink worker={worker} model={model} />}</Fact>
      <Fact name="Queue">
        {queue === null ? (
          'not told'
        ) : (
          <Link href={tasksRoute({ queue })} className="text-accent hover:underline">
            {queue}
          </Link>
        )}
      </Fact>
      <Fact name="Sent">{time(task.sentAt)}</Fact>
      <Fact name="Received">{time(task.receivedAt)}</Fact>
      <Fact name="Started">{time(task.startedAt)}</Fact>
      <Fact name="Ended">{time(task.finishedAt)}</Fact>
      <Fact name="Wait">{waitMs === null ? 'not told' : formatDuration(waitMs)}</Fact>
      <Fact name="Runtime">{runtimeMs === null ? 'not told' : formatDuration(runtimeMs)}</Fact>
      <Fact name="Again">
        {retries === 0 && redeliveries === 0
          ? 'no'
          : [
              ...(retries > 0 ? [formatCount(retries, 'retry', 'retries')] : []),
              ...(redeliveries > 0 ? [formatCount(redeliveries, 'redelivery', 'redeliveries')] : []),
            ].join(', ')}
      </Fact>
      {eta !== null && (
        <Fact name="Not before">
          {eta > now ? `in ${formatAge(eta - now)}, at ` : ''}
          <ClockTime at={eta} />
        </Fact>
      )}
      {expires !== null && (
        <Fact name={expires < now ? 'Expired' : 'Expires'}>
          <ClockTime at={expires} />
        </Fact>
      )}
      {endedBy !== null && <Fact name="End told by">{endedBy}</Fact>}
      {(exchange !== null || routingKey !== null) && (
        <Fact name="Published to">
          {exchange === null || exchange === '' ? 'default exchange' : exchange}
          {routingKey !== null && `, key ${routingKey}`}
        </Fact>
      )}
      {parentId !== null && parentId !== id && (
        <Fact name="Started by">
          <TaskLink id={parentId} />
        </Fact>
      )}
      {rootId !== null && rootId !== id && (
        <Fact name="Workflow's first">
          <TaskLink id={rootId} />
        </Fact>
      )}
      {groupId !== null && (
        <Fact name="Group">
          <Copyable text={groupId} label={groupId.slice(0, 8)} />
        </Fact>
      )}
      {name !== null && (
        <Fact name="Others of this name">
          <Link href={tasksRoute({ name })} className="text-accent hover:underline">
            in the list
          </Link>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-[11px] text-text-3">{name}</dt>
      <dd className="break-words">{children}</dd>
    </div>
  );
}

function Moment({ at }: { at: number }) {
  return (
    <>
      <ClockTime at={at} />{' '}
      <span className="text-text-3">
        <Age at={at} suffix=" ago" />
      </span>
    </>
  );
}

function TaskLink({ id }: { id: string }) {
  return (
    <Link href={taskRoute(id)} title={id} className="font-mono text-accent hover:underline">
      {id.slice(0, 8)}
    </Link>
  );
}

function WorkerLink({ worker, model }: { worker: string; model: Model }) {
  if (!Object.hasOwn(model.workers, worker) && !Object.hasOwn(model.celeryWorkers, worker))
    return <span className="font-mono">{worker}</span>;
  return (
    <Link href={workerRoute(worker)} className="font-mono break-words text-accent hover:underline">
      {worker}
    </Link>
  );
}
