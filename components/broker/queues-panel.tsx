'use client';
/** The table of queues. Ten thousand of them must stay smooth: the table renders when queues change, not with the clock. */
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { memo, useMemo } from 'react';
import { DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { freshnessOf } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { isTaskQueue } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { queueColumns } from './queue-columns.tsx';
import { useSame } from './use-same.ts';

/** Broker nodes with their short names. */
type Names = readonly (readonly [id: string, name: string])[];

type QueuesPanelProps = {
  model: Model;
  now: number;
  names: Names;
};

/** Queues of tasks; Celery's plumbing and private queues too with `?plumbing=1`. */
export function QueuesPanel({ model, now, names }: QueuesPanelProps) {
  const [plumbing, setPlumbing] = useQueryState('plumbing', parseAsStringLiteral(['1']));
  const all = plumbing !== null;
  const rows = useMemo(
    () =>
      Object.values(model.queues)
        .filter((queue) => all || isTaskQueue(queue))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    [model.queues, all],
  );
  const readings = useMemo(() => [...new Set(rows.flatMap(({ by, figuresBy }) => [by, figuresBy ?? by]))], [rows]);
  const fresh = useSame(
    readings.filter((key) => {
      const reading = model.readings[key];
      return reading !== undefined && freshnessOf(reading, now) === 'fresh';
    }),
  );
  return (
    <Panel
      id="queues"
      title="Queues"
      actions={
        <label className="flex items-center gap-1.5 text-[12px] text-text-2">
          <input
            type="checkbox"
            checked={all}
            onChange={(event) => void setPlumbing(event.target.checked ? '1' : null)}
          />
          Celery's own and exclusive queues too
        </label>
      }
    >
      <QueueTable rows={rows} names={names} fresh={fresh} />
    </Panel>
  );
}

type QueueTableProps = { rows: readonly Queue[]; names: Names; fresh: readonly string[] };

const QueueTable = memo(function QueueTable({ rows, names, fresh }: QueueTableProps) {
  const [selected, select] = useSelected();
  const freshReadings = useMemo(() => new Set<string | null>(fresh), [fresh]);
  const columns = useMemo(() => {
    const short = new Map(names);
    return queueColumns(
      (id) => short.get(id) ?? id,
      (reading) => freshReadings.has(reading),
    );
  }, [names, freshReadings]);
  return (
    <DataTable
      name="queues"
      one="queue"
      many="queues"
      rows={rows}
      columns={columns}
      rowId={(queue) => queue.id}
      rowData={(queue) => ({
        'data-queue': queue.id,
        'data-leader': queue.replication.leader ?? '',
        'data-fresh': freshReadings.has(queue.by) ? 'yes' : 'no',
      })}
      selected={selected?.kind === 'queues' ? selected.id : null}
      onSelect={(id) => select('queues', id)}
      empty="No task queue has been seen. Celery declares them when a worker starts; if some exist, Sources tells whether /api/queues answers, and Trellis's user needs the tag monitoring."
    />
  );
});
