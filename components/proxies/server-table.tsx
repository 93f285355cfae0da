/** The servers of one backend at one proxy. */
import Link from 'next/link';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { formatAge } from '#lib/format/quantity.ts';
import type { Proxy, ProxyBackend } from '#lib/model/haproxy.ts';
import type { Model } from '#lib/model/model.ts';
import { entityRoute } from '#lib/routes.ts';
import { type ServerRow, serverRows } from './server-rows.ts';

/** Their widths are fixed: the tables of all proxies and backends stand below each other, and are read down. */
const COLUMNS: readonly Column<ServerRow>[] = [
  {
    id: 'server',
    width: 'clamp(6rem, 11vw, 9rem)',
    title: 'Server',
    value: ({ server }) => server.name,
    cell: (row) => <Name {...row} />,
  },
  {
    id: 'target',
    width: '8rem',
    wide: true,
    title: 'What it is',
    value: ({ server, targetName }) => (server.target === null ? server.address : targetName),
    cell: ({ server: { target }, targetName }) =>
      target === null ? null : (
        <Link href={entityRoute(target.kind, target.id)} className="break-words text-accent hover:underline">
          {targetName}
        </Link>
      ),
  },
  {
    id: 'status',
    width: 'clamp(6rem, 14vw, 13rem)',
    title: 'Status',
    value: ({ server }) => server.status,
    cell: ({ server, shown }) => (
      // A column of fixed width: long words take more lines.
      <span className="[&>span]:whitespace-normal">
        <StatusMark {...shown} />{' '}
        {shown.word !== server.status && <span className="text-text-3">HAProxy says {server.status}</span>}
      </span>
    ),
  },
  {
    id: 'serving',
    width: '5.5rem',
    title: 'Serving',
    value: ({ isServing }) => (isServing ? 'serving' : 'no'),
    cell: ({ isServing, isFresh }) =>
      isServing ? <Tag look={isFresh ? 'lead' : 'plain'}>★ serving</Tag> : <span className="text-text-3">no</span>,
  },
  {
    id: 'check',
    width: '14rem',
    title: 'Last check',
    value: ({ server }) => [server.checkStatus, server.checkDetail].filter(Boolean).join(' ') || null,
    cell: ({ server: { checkStatus, checkDetail } }) =>
      checkStatus === null ? null : (
        <span className="block truncate" title={checkDetail ?? checkStatus}>
          {checkStatus} <span className="text-text-3">{checkDetail}</span>
        </span>
      ),
  },
  { id: 'sessions', width: '6rem', title: 'Sessions', align: 'right', value: ({ server }) => server.sessions },
  {
    id: 'totalSessions',
    width: '6rem',
    title: 'In all',
    align: 'right',
    wide: true,
    value: ({ server }) => server.totalSessions,
  },
  {
    id: 'secondsSinceChange',
    width: '8rem',
    title: 'Unchanged for',
    align: 'right',
    wide: true,
    value: ({ server }) => server.secondsSinceChange,
    cell: ({ server: { secondsSinceChange: seconds } }) => (seconds === null ? null : formatAge(seconds * 1000)),
  },
];

/** What a table of servers is drawn from; `isFresh` = the proxy answers. */
export type ServerTableProps = { proxy: Proxy; backend: ProxyBackend; model: Model; now: number; isFresh: boolean };

/** The table. */
export function ServerTable({ proxy, backend, model, now, isFresh }: ServerTableProps) {
  return (
    <DataTable
      bare
      name={`servers-${proxy.id}-${backend.name}`}
      one="server"
      many={`servers of ${backend.name} at ${proxy.id}`}
      rows={serverRows(backend, isFresh, model, now)}
      columns={COLUMNS}
      rowId={({ server }) => server.name}
      rowData={({ server, shown, isServing }) => ({
        'data-server': server.name,
        'data-status': shown.status,
        'data-serving': isServing ? 'yes' : 'no',
      })}
      empty="This backend has no server: nothing can be sent there. Add servers to it in haproxy.cfg."
    />
  );
}

function Name({ server }: ServerRow) {
  return (
    <span className="flex flex-wrap items-center gap-x-1.5">
      <span className="min-w-0 font-mono break-words" title={server.address ?? undefined}>
        {server.name}
      </span>
      {server.backup && <Tag>backup</Tag>}
    </span>
  );
}
