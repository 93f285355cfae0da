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

const COLUMNS: readonly Column<ServerRow>[] = [
  { id: 'server', title: 'Server', value: ({ server }) => server.name, cell: (row) => <Name {...row} /> },
  {
    id: 'target',
    title: 'What it is',
    value: ({ server, targetName }) => (server.target === null ? server.address : targetName),
    cell: ({ server: { target }, targetName }) =>
      target === null ? null : (
        <Link href={entityRoute(target.kind, target.id)} className="whitespace-nowrap text-accent hover:underline">
          {targetName}
        </Link>
      ),
  },
  {
    id: 'status',
    title: 'Status',
    value: ({ server }) => server.status,
    cell: ({ server, shown }) => (
      <span className="whitespace-nowrap">
        <StatusMark {...shown} />
        {shown.word !== server.status && <span className="ml-1.5 text-text-3">HAProxy says {server.status}</span>}
      </span>
    ),
  },
  {
    id: 'serving',
    title: 'Serving',
    value: ({ isServing }) => (isServing ? 'serving' : 'no'),
    cell: ({ isServing, isFresh }) =>
      isServing ? <Tag look={isFresh ? 'lead' : 'plain'}>★ serving</Tag> : <span className="text-text-3">no</span>,
  },
  {
    id: 'check',
    title: 'Last check',
    value: ({ server }) => [server.checkStatus, server.checkDetail].filter(Boolean).join(' ') || null,
    cell: ({ server: { checkStatus, checkDetail } }) =>
      checkStatus === null ? null : (
        <span className="block max-w-72 truncate" title={checkDetail ?? checkStatus}>
          {checkStatus} <span className="text-text-3">{checkDetail}</span>
        </span>
      ),
  },
  { id: 'sessions', title: 'Sessions', align: 'right', value: ({ server }) => server.sessions },
  { id: 'totalSessions', title: 'In all', align: 'right', wide: true, value: ({ server }) => server.totalSessions },
  {
    id: 'secondsSinceChange',
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
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <span className="font-mono" title={server.address ?? undefined}>
        {server.name}
      </span>
      {server.backup && <Tag>backup</Tag>}
    </span>
  );
}
