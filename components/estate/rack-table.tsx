'use client';
/** The rack as a table: for screen readers, for narrow screens, for copying. */
import { useMemo } from 'react';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { formatAge } from '#lib/format/quantity.ts';
import type { Layer, RackCard } from './layers.tsx';

type Row = RackCard & { layer: string };

/** Every card as a row. */
export function RackTable({ layers, now }: { layers: readonly Layer[]; now: number }) {
  const rows = layers.flatMap(({ title, cards }) => cards.map((card): Row => ({ ...card, layer: title })));
  const columns = useMemo<Column<Row>[]>(
    () => [
      { id: 'name', title: 'Name', value: (row) => row.name },
      { id: 'status', title: 'Status', value: (row) => row.shown.status, cell: (row) => <StatusMark {...row.shown} /> },
      { id: 'host', title: 'Host', value: (row) => row.host },
      { id: 'layer', title: 'Layer', value: (row) => row.layer },
      { id: 'role', title: 'Role', value: (row) => row.leads ?? null },
      { id: 'step', title: 'Step of the live path', value: (row) => row.path.join(' '), wide: true },
      {
        ...{ id: 'age', title: 'Age', align: 'right' as const },
        value: (row) => (row.seenAt === null ? null : Math.round((now - row.seenAt) / 100) / 10),
        cell: (row) => (row.seenAt === null ? 'never seen' : formatAge(now - row.seenAt)),
      },
    ],
    [now],
  );
  return (
    <DataTable
      name="parts"
      one="part"
      many="parts"
      rows={rows}
      columns={columns}
      rowId={(row) => row.id}
      rowData={(row) => ({ 'data-status': row.shown.status })}
      empty="Nothing is watched yet. Name your servers in trellis.yaml."
    />
  );
}
