/** The columns of the table of queues. */
import type { ReactNode } from 'react';
import type { Column } from '#components/ui/data-table.tsx';
import { copiesText, queueKind, queueTitle, resyncText } from '#lib/format/queue.ts';
import { missingCount } from '#lib/model/queues.ts';
import type { MessageRates, Queue } from '#lib/model/rabbitmq.ts';

/** Columns for queues; `nameOf` gives names to nodes, `isFresh` says of a reading whether it is fresh. */
export function queueColumns(
  nameOf: (id: string) => string,
  isFresh: (reading: string | null) => boolean,
): readonly Column<Queue>[] {
  const leaderOf = ({ replication: { leader } }: Queue) => (leader === null ? 'no leader' : nameOf(leader));
  const toneOf = (queue: Queue, good: boolean, bad: string) => (!isFresh(queue.by) ? 'text-stale' : good ? '' : bad);
  const copiesOf = (queue: Queue) => copiesText(queue, nameOf);
  const figure = (id: string, title: string, value: (queue: Queue) => number | null, wide = true): Column<Queue> => ({
    ...{ id, title, value, align: 'right', wide },
    cell: (queue) => figureCell(value(queue), isFresh(queue.figuresBy)),
  });
  const rate = (id: keyof MessageRates, title: string) => figure(id, title, (queue) => rounded(queue.rates[id]));
  return [
    {
      ...{ id: 'queue', title: 'Queue', value: queueTitle },
      cell: (queue) => (
        <span className="block max-w-[32vw] truncate md:max-w-64" title={queue.id}>
          {queueTitle(queue)}
        </span>
      ),
    },
    { id: 'kind', title: 'Kind', value: queueKind, cell: (queue) => oneLine(queueKind(queue)), wide: true },
    {
      ...{ id: 'leader', title: 'Leader', value: leaderOf },
      cell: (queue) => oneLine(leaderOf(queue), toneOf(queue, queue.replication.leader !== null, 'text-down')),
    },
    {
      ...{ id: 'copies', title: 'Copies in sync', value: copiesOf },
      cell: (queue) => oneLine(copiesOf(queue), toneOf(queue, missingCount(queue.replication) === 0, 'text-degraded')),
    },
    { id: 'resync', title: 'Resync', value: resyncText, wide: true },
    {
      ...{ id: 'state', title: 'State' },
      value: (queue) => (isFresh(queue.by) ? (queue.state ?? 'not told') : 'stale'),
    },
    figure('ready', 'Ready', (queue) => queue.ready, false),
    figure('unacknowledged', 'Unacked', (queue) => queue.unacknowledged),
    rate('publish', 'Publish/s'),
    rate('deliver', 'Deliver/s'),
    figure('consumers', 'Consumers', (queue) => queue.consumers),
    { id: 'policy', title: 'Policy', value: (queue) => queue.policy ?? 'none', wide: true },
  ];
}

function oneLine(text: string, tone = ''): ReactNode {
  return <span className={`whitespace-nowrap ${tone}`}>{text}</span>;
}

/** A figure; one that is not fresh says so. */
function figureCell(value: number | null, fresh: boolean): ReactNode {
  if (value === null || fresh) return value;
  return (
    <span className="text-stale italic" title="last known">
      {value}
      <span className="sr-only">, last known</span>
    </span>
  );
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
