/** The columns of the table of workers. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { formatTotal } from '#lib/format/task.ts';
import { describeSkew, type WorkerRow } from '#lib/format/worker.ts';
import { routes, workerRoute } from '#lib/routes.ts';
import { PingCell } from './ping-cell.tsx';
import { PoolCell } from './pool-cell.tsx';

/** One column: `value` is sorted by and exported, `cell` is how it looks, the value itself unless given. */
export type WorkerColumn = {
  id: string;
  title: string;
  hint?: string;
  /** CSS width; together they fix the table. */
  width: string;
  align?: 'right';
  /** Left out on narrow screens; the export has it all the same. */
  wide?: boolean;
  /** Only known once the worker was asked: it is neither sorted by nor exported from here. */
  isAsked?: true;
  value(row: WorkerRow): string | number | null;
  cell?(row: WorkerRow, nameOf: (brokerNode: string) => string): ReactNode;
  /** What stands in the line of a closed group; nothing unless given. */
  sum?(rows: readonly WorkerRow[]): string | null;
};

/** Far enough off for events to be told in the wrong order. */
const NOTABLE_SKEW_MS = 5_000;

export const WORKER_COLUMNS: readonly WorkerColumn[] = [
  {
    ...{ id: 'worker', title: 'Worker', width: '13rem', value: ({ id }) => id },
    cell: ({ id }) => (
      <Link href={workerRoute(id)} title={id} className="font-mono text-accent hover:underline">
        {id}
      </Link>
    ),
  },
  {
    ...{ id: 'state', title: 'State', width: '11rem', value: ({ shown }) => shown.word },
    cell: ({ shown, contradiction }) => (
      <span title={contradiction ?? undefined}>
        <StatusMark {...shown} />
        {contradiction !== null && <span className="sr-only">: {contradiction}</span>}
      </span>
    ),
  },
  {
    ...{
      id: 'heartbeat',
      title: 'Heartbeat',
      width: '5.5rem',
      align: 'right',
      value: ({ heartbeatAt }) => heartbeatAt,
    },
    hint: 'When its newest heartbeat came',
    cell: ({ heartbeatAt }) => <Age at={heartbeatAt} />,
  },
  {
    ...{ id: 'ping', title: 'Ping', width: '9rem', wide: true, isAsked: true, value: () => null },
    hint: 'Whether it answers when it is asked now',
    cell: ({ id }) => <PingCell worker={id} />,
  },
  { id: 'host', title: 'Host', width: '6rem', wide: true, value: ({ host }) => host },
  {
    ...{ id: 'broker', title: 'Broker', width: '10rem', wide: true },
    hint: 'The broker node that carries its connections, and the HAProxy on its host',
    value: ({ brokerNodes, proxies }) => [...brokerNodes, ...proxies].join(' ') || null,
    cell: (row, nameOf) => <BrokerCell row={row} nameOf={nameOf} />,
  },
  {
    ...{ id: 'queues', title: 'Queues', width: '8rem', wide: true },
    value: ({ queues }) => queues?.join(' ') ?? null,
    cell: ({ queues }) => (queues === null ? null : queues.join(', ') || <span className="text-degraded">none</span>),
  },
  {
    ...{ id: 'active', title: 'Active', width: '4.5rem', align: 'right', value: ({ active }) => active },
    sum: (rows) => total(rows.map(({ active }) => active)),
  },
  {
    ...{ id: 'processed', title: 'Processed', width: '6rem', align: 'right', wide: true },
    hint: 'Tasks since its process started',
    value: ({ processed }) => processed,
    cell: ({ processed }) => (processed === null ? null : formatTotal(processed)),
    sum: (rows) => total(rows.map(({ processed }) => processed)),
  },
  {
    ...{ id: 'rate', title: 'Tasks/s', width: '5rem', align: 'right', wide: true },
    hint: 'Ended tasks a second, over the last ten seconds',
    value: ({ tasksPerSecond }) => (tasksPerSecond === null ? null : Math.round(tasksPerSecond * 10) / 10),
    sum: (rows) => rateSum(rows.map(({ tasksPerSecond }) => tasksPerSecond)),
  },
  {
    ...{ id: 'missed', title: 'Missed', width: '5rem', align: 'right', wide: true },
    hint: 'Tasks that it accepted and of which Trellis saw no event',
    value: ({ missedTasks }) => missedTasks,
    cell: ({ missedTasks }) =>
      missedTasks === null ? null : (
        <span className={missedTasks > 0 ? 'text-degraded' : ''}>{formatTotal(missedTasks)}</span>
      ),
  },
  {
    ...{
      id: 'pool',
      title: 'Pool · prefetch',
      width: '7.5rem',
      align: 'right',
      wide: true,
      isAsked: true,
      value: () => null,
    },
    hint: 'As it answered when it was asked: Ask for pools',
    cell: ({ id }) => <PoolCell worker={id} />,
  },
  {
    ...{ id: 'load', title: 'Load', width: '4.5rem', align: 'right', wide: true },
    hint: 'Load average of its host: last minute',
    value: ({ loadAverage }) => loadAverage?.[0] ?? null,
    cell: ({ loadAverage }) =>
      loadAverage === null ? null : <span title={loadAverage.join(' · ')}>{loadAverage[0]}</span>,
  },
  {
    ...{ id: 'clock', title: 'Clock', width: '7rem', wide: true },
    hint: 'How far its clock is from that of Trellis',
    value: ({ clockSkewMs }) => clockSkewMs,
    cell: ({ clockSkewMs }) => (
      <span className={Math.abs(clockSkewMs ?? 0) > NOTABLE_SKEW_MS ? 'text-degraded' : ''}>
        {describeSkew(clockSkewMs)}
      </span>
    ),
  },
  { id: 'software', title: 'Software', width: '8.5rem', wide: true, value: ({ software }) => software },
];

function BrokerCell({ row, nameOf }: { row: WorkerRow; nameOf: (brokerNode: string) => string }) {
  const { brokerNodes, proxies } = row;
  return (
    <>
      {brokerNodes.map((id) => (
        <Link
          key={id}
          href={{ pathname: routes.broker, query: { select: `brokerNodes/${id}` } }}
          title={id}
          className="mr-1.5 text-accent hover:underline"
        >
          {nameOf(id)}
        </Link>
      ))}
      {proxies.length > 0 && <span className="text-text-3">by {proxies.join(', ')}</span>}
    </>
  );
}

function total(values: readonly (number | null)[]): string | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : formatTotal(told.reduce((sum, value) => sum + value, 0));
}

function rateSum(values: readonly (number | null)[]): string | null {
  const told = values.filter((value) => value !== null);
  return told.length === 0 ? null : told.reduce((sum, value) => sum + value, 0).toFixed(1);
}
