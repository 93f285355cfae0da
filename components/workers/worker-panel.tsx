'use client';
/** Who the worker is, how it is by each witness, and what ends or mutes it. */
import Link from 'next/link';
import { ActionButton, ActionRefusals } from '#components/live/action-button.tsx';
import { Panel } from '#components/ui/panel.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { shortNodeName } from '#lib/format/names.ts';
import { formatAge, formatRate } from '#lib/format/quantity.ts';
import { formatTotal } from '#lib/format/task.ts';
import { describeSkew } from '#lib/format/worker.ts';
import type { Model } from '#lib/model/model.ts';
import { entityRoute } from '#lib/routes.ts';
import { Fact, Facts } from './facts.tsx';
import { PingCell } from './ping-cell.tsx';
import type { TabProps } from './tabs.tsx';

const ACTIONS_HERE = [
  'worker.inspect',
  'worker.pool',
  'worker.restart-pool',
  'worker.consumers',
  'worker.limits',
  'worker.events',
  'worker.drain',
  'worker.shutdown',
] as const;

export function WorkerPanel({ model, ...props }: TabProps & { model: Model }) {
  const { worker } = props;
  return (
    <Panel
      id="worker"
      title={worker.id}
      note={
        <span data-worker-status={worker.shown.status} className="inline-flex flex-wrap gap-x-2">
          <StatusMark {...worker.shown} />
          {worker.since !== null && (
            <span className="text-text-3">
              {worker.state} for <Age at={worker.since} />
            </span>
          )}
        </span>
      }
    >
      <div className="grid min-w-0 gap-3">
        {worker.contradiction !== null && (
          <p data-contradiction className="text-[12px] font-semibold break-words text-degraded">
            {worker.contradiction}
          </p>
        )}
        <WorkerFacts worker={worker} model={model} />
        <Controls {...props} />
        <ActionRefusals actions={ACTIONS_HERE} />
      </div>
    </Panel>
  );
}

function WorkerFacts({ worker, model }: Pick<TabProps, 'worker'> & { model: Model }) {
  const { id, heartbeatAt, heartbeatEveryMs, host, brokerNodes, proxies, queues, active, processed } = worker;
  const { tasksPerSecond, missedTasks, loadAverage, software, clockSkewMs } = worker;
  return (
    <Facts>
      <Fact name="Heartbeat">
        <Age at={heartbeatAt} suffix=" ago" />
        {heartbeatEveryMs !== null && <span className="text-text-3"> of one every {formatAge(heartbeatEveryMs)}</span>}
      </Fact>
      <Fact name="Ping">
        <PingCell worker={id} />
      </Fact>
      <Fact name="Host">{host}</Fact>
      <Fact name="Broker node">
        {brokerNodes.length === 0
          ? null
          : brokerNodes.map((node) => (
              <Link key={node} href={entityRoute('brokerNodes', node)} className="mr-2 text-accent hover:underline">
                {shortNodeName(node, model)}
              </Link>
            ))}
      </Fact>
      <Fact name="HAProxy on its host">
        {proxies.length === 0
          ? 'none seen'
          : proxies.map((proxy) => (
              <Link key={proxy} href={entityRoute('proxies', proxy)} className="mr-2 text-accent hover:underline">
                {proxy}
              </Link>
            ))}
      </Fact>
      <Fact name="Queues, by RabbitMQ" bad={queues?.length === 0}>
        {queues === null ? null : queues.join(', ') || 'none'}
      </Fact>
      <Fact name="Active">{active}</Fact>
      <Fact name="Processed">{processed === null ? null : formatTotal(processed)}</Fact>
      <Fact name="Tasks a second">{tasksPerSecond === null ? null : formatRate(tasksPerSecond)}</Fact>
      <Fact name="Missed tasks" bad={(missedTasks ?? 0) > 0}>
        {missedTasks === null ? null : formatTotal(missedTasks)}
      </Fact>
      <Fact name="Load">{loadAverage?.join(' · ')}</Fact>
      <Fact name="Clock">{describeSkew(clockSkewMs)}</Fact>
      <Fact name="Software">{software}</Fact>
    </Facts>
  );
}

function Controls({ worker: { id }, command }: TabProps) {
  return (
    <div className="flex flex-wrap gap-1.5 border-t border-line pt-2">
      <ActionButton action="worker.events" onClick={() => command({ method: 'enable_events', worker: id })}>
        Events on…
      </ActionButton>
      <ActionButton action="worker.events" onClick={() => command({ method: 'disable_events', worker: id })}>
        Events off…
      </ActionButton>
      <span className="ml-auto flex flex-wrap gap-1.5">
        <ActionButton action="worker.drain" onClick={() => command({ method: 'drain', worker: id, waitSeconds: 600 })}>
          Drain…
        </ActionButton>
        <ActionButton action="worker.shutdown" onClick={() => command({ method: 'shutdown', worker: id })}>
          Shut down…
        </ActionButton>
      </span>
    </div>
  );
}
