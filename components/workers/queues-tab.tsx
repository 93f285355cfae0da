'use client';
/** What it consumes, by its own word and by RabbitMQ's, and how to change that. */
import Link from 'next/link';
import { useState } from 'react';
import { ActionButton } from '#components/live/action-button.tsx';
import { FIELD } from '#components/ui/action-form.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { type QueueReply, queuesOf } from '#lib/format/worker-reply.ts';
import { tasksRoute } from '#lib/routes.ts';
import { Asked } from './asked.tsx';
import type { TabProps } from './tabs.tsx';

export function QueuesTab({ worker, now, command }: TabProps) {
  return (
    <div className="grid gap-3">
      <Asked worker={worker} now={now} method="active_queues" title="Queues">
        {(reply) => (
          <DataTable
            name="consumed"
            one="queue"
            many="queues"
            bare
            rows={queuesOf(reply)}
            columns={columnsFor(worker.id, command)}
            rowId={({ name }) => name}
            rowData={({ name }) => ({ 'data-consumed': name })}
            empty="It consumes no queue: it gets no tasks."
          />
        )}
      </Asked>
      <p className="text-[12px] break-words text-text-2">
        RabbitMQ lists it as a consumer of:{' '}
        {worker.queues === null ? 'not told' : worker.queues.join(', ') || 'no task queue'}.
      </p>
      <AddQueue worker={worker.id} command={command} />
    </div>
  );
}

function columnsFor(worker: string, command: TabProps['command']): readonly Column<QueueReply>[] {
  return [
    {
      ...{ id: 'queue', title: 'Queue', value: ({ name }: QueueReply) => name },
      cell: ({ name }) => (
        <Link href={tasksRoute({ queue: name })} className="text-accent hover:underline">
          {name}
        </Link>
      ),
    },
    { id: 'exchange', title: 'Exchange', value: ({ exchange }) => exchange, wide: true },
    { id: 'key', title: 'Routing key', value: ({ routingKey }) => routingKey, wide: true },
    { id: 'type', title: 'Type', value: ({ type }) => type, wide: true },
    {
      ...{ id: 'durable', title: 'Durable', wide: true },
      value: ({ durable }) => (durable === null ? null : durable ? 'yes' : 'no'),
    },
    {
      ...{ id: 'stop', title: 'Change', value: () => null },
      cell: ({ name }) => (
        <ActionButton
          action="worker.consumers"
          label={`Stop consuming ${name}`}
          onClick={() => command({ method: 'cancel_consumer', worker, queue: name })}
        >
          Stop…
        </ActionButton>
      ),
    },
  ];
}

function AddQueue({ worker, command }: { worker: string; command: TabProps['command'] }) {
  const [queue, setQueue] = useState('');
  const name = queue.trim();
  return (
    <div className="flex flex-wrap items-end gap-1.5 border-t border-line pt-2 text-[12px]">
      <label className="grid w-56 min-w-0 gap-0.5">
        <span className="text-text-2">Queue</span>
        <input
          maxLength={255}
          autoComplete="off"
          spellCheck={false}
          value={queue}
          onChange={(event) => setQueue(event.target.value)}
          className={FIELD}
        />
      </label>
      <ActionButton
        action="worker.consumers"
        pointless={name === '' ? 'Name a queue' : null}
        onClick={() => command({ method: 'add_consumer', worker, queue: name })}
      >
        Consume…
      </ActionButton>
    </div>
  );
}
