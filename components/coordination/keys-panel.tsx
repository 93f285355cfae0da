'use client';
/** Keys below the configured prefixes: who holds them, how large, how often changed. Never their values. */
import { useMemo } from 'react';
import { Copyable } from '#components/ui/copyable.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { formatBytes } from '#lib/format/quantity.ts';
import type { ConsulKey } from '#lib/model/consul.ts';
import type { Model } from '#lib/model/model.ts';

const COLUMNS: readonly Column<ConsulKey>[] = [
  { id: 'key', title: 'Key', value: (key) => key.id, cell: (key) => <Copyable text={key.id} /> },
  {
    ...{ id: 'session', title: 'Held by session', value: (key: ConsulKey) => key.session },
    cell: (key) => (key.session === null ? 'nobody' : <Copyable text={key.session} label={key.session.slice(0, 8)} />),
  },
  {
    ...{ id: 'bytes', title: 'Size', align: 'right' as const, value: (key: ConsulKey) => key.bytes },
    cell: (key) => formatBytes(key.bytes),
  },
  { id: 'index', title: 'Modify index', align: 'right', value: (key) => key.modifyIndex, wide: true },
];

export function KeysPanel({ model }: { model: Model }) {
  const rows = useMemo(() => Object.values(model.consulKeys), [model.consulKeys]);
  return (
    <Panel id="keys" title="Keys" note="read only; values are not read into Trellis">
      <DataTable
        name="keys"
        one="key"
        many="keys"
        rows={rows}
        columns={COLUMNS}
        rowId={(key) => key.id}
        sort="key"
        empty="No keys. Name prefixes under consul: keys: in trellis.yaml, and give Trellis's token key:read on them."
      />
    </Panel>
  );
}
