'use client';
/** Services and nodes with their health checks. */
import { useMemo } from 'react';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import type { ConsulCheck } from '#lib/model/consul.ts';
import type { Model } from '#lib/model/model.ts';
import type { Status } from '#lib/model/status.ts';

const STATUS: Readonly<Record<string, Status>> = {
  passing: 'ok',
  warning: 'degraded',
  critical: 'down',
  maintenance: 'maintenance',
};

const COLUMNS: readonly Column<ConsulCheck>[] = [
  { id: 'name', title: 'Check', value: (check) => check.name },
  {
    ...{ id: 'status', title: 'Status', value: (check) => check.status },
    cell: (check) => <StatusMark status={STATUS[check.status] ?? 'unknown'} word={check.status} />,
  },
  { id: 'service', title: 'Service', value: (check) => check.service ?? 'the node itself' },
  { id: 'node', title: 'Node', value: (check) => check.node },
  {
    ...{ id: 'output', title: 'Output', value: (check) => check.output, wide: true },
    cell: (check) => (
      <span className="block max-w-[36rem] truncate font-mono" title={check.output}>
        {check.output}
      </span>
    ),
  },
];

export function ChecksPanel({ model }: { model: Model }) {
  const rows = useMemo(() => Object.values(model.consulChecks), [model.consulChecks]);
  return (
    <Panel id="checks" title="Services and checks" note="as Consul sees them: a TCP check passes while a process hangs">
      <DataTable
        name="checks"
        one="check"
        many="checks"
        rows={rows}
        columns={COLUMNS}
        rowId={(check) => check.id}
        sort="status"
        empty="Consul tells of no check. If there are some, Trellis's token lacks node:read and service:read."
      />
    </Panel>
  );
}
