'use client';
/** The coordination page: Consul's servers and raft, the locks, services with their checks, keys. Read only. */
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel, Panels } from '#components/ui/panel.tsx';
import { settle } from '#lib/model/claims.ts';
import type { Model } from '#lib/model/model.ts';
import { ChecksPanel } from './checks-panel.tsx';
import { KeysPanel } from './keys-panel.tsx';
import { LockPanel } from './lock-panel.tsx';
import { ServerTable } from './server-table.tsx';

export function CoordinationView() {
  return (
    <LivePage title="Coordination" about="Consul: who leads, who votes, who holds the locks">
      {(model, now) => <Coordination model={model} now={now} />}
    </LivePage>
  );
}

function Coordination({ model, now }: { model: Model; now: number }) {
  if (Object.keys(model.consulServers).length === 0) {
    return <Empty>No Consul server has been seen. Name your agents under consul: in trellis.yaml.</Empty>;
  }
  return (
    <Panels>
      <Panel id="servers" title="Servers" note={<RaftNote model={model} now={now} />}>
        <ServerTable model={model} now={now} />
      </Panel>
      <div className={`grid gap-3 ${Object.keys(model.locks).length > 1 ? 'xl:grid-cols-2' : ''}`}>
        <Panels>
          {Object.values(model.locks).map((lock) => (
            <LockPanel key={lock.id} lock={lock} model={model} now={now} />
          ))}
        </Panels>
      </div>
      <ChecksPanel model={model} />
      <KeysPanel model={model} />
    </Panels>
  );
}

/** Leader and margin in one sentence. */
function RaftNote({ model, now }: { model: Model; now: number }) {
  const coordinator = model.coordinators.consul;
  if (coordinator === undefined) return null;
  const leader = settle(coordinator.leader, model.readings, now);
  const server = Object.values(model.consulServers).find(({ raftAddress }) => raftAddress === leader.value);
  const { voters, failureTolerance, healthy } = coordinator;
  const agents = `${leader.current.length} of ${coordinator.leader.length} agents answer`;
  const facts = [
    leader.value === null
      ? 'the agents do not agree on a leader'
      : leader.value === ''
        ? 'no leader'
        : `${server?.id ?? leader.value} leads`,
    agents,
    voters !== null && `${voters} vote`,
    failureTolerance !== null && `${failureTolerance} more may fail`,
    healthy === false && 'autopilot calls the cluster unhealthy',
  ].filter((fact) => fact !== false);
  const bad = leader.value === null || leader.value === '' || healthy === false || failureTolerance === 0;
  return <span className={bad ? 'text-degraded' : ''}>{facts.join(' · ')}</span>;
}
