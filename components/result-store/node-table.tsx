'use client';
/** The data nodes of a Redis service: what each says of itself, and the Sentinels' word where it differs. */
import { Sparkline } from '#components/charts/sparkline.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Copyable } from '#components/ui/copyable.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age } from '#components/ui/time.tsx';
import { formatBytes } from '#lib/format/quantity.ts';
import { type NodeRow, nodeRows } from './node-rows.ts';
import type { ServiceProps } from './service-state.ts';

const COLUMNS: readonly Column<NodeRow>[] = [
  {
    id: 'node',
    title: 'Data node',
    value: ({ node }) => node.name,
    cell: ({ node }) => (
      <span className="grid">
        <span className="font-semibold whitespace-nowrap">{node.name}</span>
        <span className="text-[11px] text-text-3">
          <Copyable text={node.address} />
        </span>
      </span>
    ),
  },
  { id: 'status', title: 'Status', value: ({ shown }) => shown.word, cell: ({ shown }) => <StatusMark {...shown} /> },
  { id: 'role', title: 'Role', value: ({ own }) => own, cell: (row) => <Role {...row} /> },
  {
    id: 'link',
    title: 'Link to master',
    value: ({ node: { linkUp } }) => (linkUp === null ? null : linkUp ? 'up' : 'down'),
    cell: ({ node: { linkUp }, isFresh }) =>
      linkUp === null ? null : (
        <span className={linkUp || !isFresh ? '' : 'font-semibold text-degraded'}>{linkUp ? 'up' : 'down'}</span>
      ),
  },
  {
    id: 'lagBytes',
    title: 'Behind master',
    align: 'right',
    value: ({ lagBytes }) => lagBytes,
    cell: ({ lagBytes }) =>
      lagBytes === null ? null : <span className="whitespace-nowrap">{formatBytes(lagBytes)}</span>,
  },
  { id: 'offset', title: 'Offset', align: 'right', wide: true, value: ({ node }) => node.offset },
  {
    id: 'replicas',
    title: 'Connected replicas',
    align: 'right',
    wide: true,
    value: ({ node }) => node.connectedReplicas,
  },
  {
    id: 'opsPerSecond',
    title: 'Operations/s',
    align: 'right',
    value: ({ node }) => node.opsPerSecond,
    cell: ({ node, ops, isFresh }) => (
      <span className={`inline-flex items-center gap-2 ${isFresh ? 'text-text-2' : ''}`}>
        <Sparkline values={ops} label={`operations per second of ${node.name}, last 10 minutes`} />
        <span className={isFresh ? 'text-text' : ''}>{node.opsPerSecond ?? '–'}</span>
      </span>
    ),
  },
  {
    id: 'memoryBytes',
    title: 'Memory',
    align: 'right',
    wide: true,
    value: ({ node }) => node.memoryUsedBytes,
    cell: ({ node: { memoryUsedBytes } }) => (memoryUsedBytes === null ? null : formatBytes(memoryUsedBytes)),
  },
  { id: 'version', title: 'Version', wide: true, value: ({ node }) => node.version },
  { id: 'age', title: 'Age', align: 'right', value: ({ seenAt }) => seenAt, cell: ({ seenAt }) => <Age at={seenAt} /> },
];

/** The table; figures of a node that does not answer are the last ones known, and hatched. */
export function NodeTable({ service, model, now, selected }: ServiceProps) {
  const series = useLive((live) => live.samples.series);
  return (
    <DataTable
      bare
      name={`nodes-${service.id}`}
      one="data node"
      many={`data nodes of ${service.id}`}
      rows={nodeRows(service, model, series, now)}
      columns={COLUMNS}
      rowId={({ node }) => node.id}
      rowData={({ node, shown, isFresh }) => ({
        'data-entity': `redisNodes/${node.id}`,
        'data-status': shown.status,
        'data-fresh': isFresh ? 'yes' : 'no',
      })}
      selected={selected?.kind === 'redisNodes' ? selected.id : null}
      empty="No data node is known yet: the Sentinels name them. Check the Sentinels below, or list nodes: of the service in trellis.yaml."
    />
  );
}

function Role({ own, said }: NodeRow) {
  const differs = own !== null && said.some((role) => role !== own);
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5">
      {own === null ? (
        <span className="text-text-3">does not say</span>
      ) : (
        <Tag look={own === 'master' ? 'lead' : 'plain'}>{own === 'master' ? '★ master' : own}</Tag>
      )}
      {(own === null || differs) && said.length > 0 && (
        <span className={`whitespace-nowrap ${differs ? 'font-semibold text-degraded' : 'text-text-2'}`}>
          Sentinels say {said.join(' or ')}
        </span>
      )}
    </span>
  );
}
