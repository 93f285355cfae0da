'use client';
/** Consul's servers: gossip's word, raft's vote, the own agent's answer. */
import { useMemo } from 'react';
import { Sparkline } from '#components/charts/sparkline.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Copyable } from '#components/ui/copyable.tsx';
import { type Column, DataTable } from '#components/ui/data-table.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Tag } from '#components/ui/tag.tsx';
import { Age } from '#components/ui/time.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { settle } from '#lib/model/claims.ts';
import type { ConsulServer } from '#lib/model/consul.ts';
import type { Model } from '#lib/model/model.ts';
import { seriesOf } from '#lib/model/samples.ts';
import { consulServerStatus, lastSeen } from '#lib/model/status.ts';

export function ServerTable({ model, now }: { model: Model; now: number }) {
  const [selected, select] = useSelected();
  const series = useLive((live) => live.samples.series);
  const columns = useMemo<Column<ConsulServer>[]>(
    () => [
      { id: 'name', title: 'Server', value: (server) => server.id },
      {
        ...{ id: 'status', title: 'Status', value: (server) => consulServerStatus(server, model, now).word },
        cell: (server) => {
          const shown = consulServerStatus(server, model, now);
          return shown.word === 'leader' ? <Tag look="lead">★ leader</Tag> : <StatusMark {...shown} />;
        },
      },
      { id: 'host', title: 'Host', value: (server) => server.host },
      {
        ...{ id: 'raft', title: 'Raft address', value: (server) => server.raftAddress, wide: true },
        cell: (server) => <Copyable text={server.raftAddress} />,
      },
      { id: 'vote', title: 'Vote', value: ({ voter }) => (voter === null ? null : voter ? 'votes' : 'no vote') },
      { id: 'gossip', title: 'Gossip says', value: (server) => gossip(server, model, now) },
      {
        ...{ id: 'latency', title: 'Answers in', align: 'right' as const, wide: true },
        value: ({ own }) => (own === null ? null : (model.readings[own]?.tookMs ?? null)),
        cell: ({ id, own }) => (
          <span className="inline-flex items-center justify-end gap-2 text-text-2">
            <Sparkline
              values={series[seriesOf('consulServers', id, 'latency')] ?? []}
              label={`time to answer of ${id}`}
            />
            {own === null ? '–' : `${Math.round(model.readings[own]?.tookMs ?? 0)} ms`}
          </span>
        ),
      },
      {
        ...{ id: 'age', title: 'Seen', align: 'right' as const },
        value: (server) => seenAt(server, model),
        cell: (server) => <Age at={seenAt(server, model)} />,
      },
    ],
    [model, now, series],
  );
  return (
    <DataTable
      bare
      name="servers"
      one="server"
      many="servers"
      rows={Object.values(model.consulServers)}
      columns={columns}
      rowId={(server) => server.id}
      rowData={(server) => ({
        'data-entity': `consulServers/${server.id}`,
        'data-status': consulServerStatus(server, model, now).status,
      })}
      selected={selected?.kind === 'consulServers' ? selected.id : null}
      onSelect={(id) => select('consulServers', id)}
      empty="No server has been seen."
    />
  );
}

function seenAt(server: ConsulServer, model: Model): number | null {
  return lastSeen([server.own, ...server.alive.map((claim) => claim.by)], model.readings);
}

/** What the agents' gossip says, with how many say it. */
function gossip(server: ConsulServer, model: Model, now: number): string {
  const alive = settle(server.alive, model.readings, now);
  if (alive.agreement === 'none') return 'nobody speaks';
  const yes = alive.current.filter((claim) => claim.value).length;
  return `${yes} of ${alive.current.length} see it`;
}
