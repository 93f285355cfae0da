'use client';
/** What one worker tells when it is asked, by topic; the open one is in the URL. */
import { Tabs } from '@base-ui/react/tabs';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import type { FunctionComponent } from 'react';
import type { WorkerCommand } from '#lib/contract/control.ts';
import type { WorkerRow } from '#lib/format/worker.ts';
import { partOf, withoutParts } from '#lib/format/worker-reply.ts';
import { Asked } from './asked.tsx';
import { LimitsTab } from './limits-tab.tsx';
import { PoolTab } from './pool-tab.tsx';
import { QueuesTab } from './queues-tab.tsx';
import { TasksTab } from './tasks-tab.tsx';
import { ValueTable } from './value-table.tsx';

export type TabProps = {
  worker: WorkerRow;
  now: number;
  /** Opens the dialog of a command. */
  command(command: WorkerCommand): void;
};

const TAB_IDS = ['pool', 'broker', 'queues', 'tasks', 'limits', 'config', 'system', 'other'] as const;
type TabId = (typeof TAB_IDS)[number];

const TABS: Readonly<Record<TabId, { title: string; Content: FunctionComponent<TabProps> }>> = {
  pool: { title: 'Pool', Content: PoolTab },
  broker: { title: 'Broker', Content: BrokerTab },
  queues: { title: 'Queues', Content: QueuesTab },
  tasks: { title: 'Tasks', Content: TasksTab },
  limits: { title: 'Limits', Content: LimitsTab },
  config: { title: 'Config', Content: ConfigTab },
  system: { title: 'System', Content: SystemTab },
  other: { title: 'Other', Content: OtherTab },
};

export function WorkerTabs(props: TabProps) {
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TAB_IDS).withDefault('pool'));
  return (
    <Tabs.Root value={tab} onValueChange={(value: TabId) => void setTab(value)}>
      <Tabs.List aria-label="What it tells" className="mb-3 flex flex-wrap gap-x-1 border-b border-line">
        {TAB_IDS.map((id) => (
          <Tabs.Tab
            key={id}
            value={id}
            className="border-b-2 border-transparent px-2 py-1 text-[12px] text-text-2 hover:text-text aria-selected:border-accent aria-selected:font-semibold aria-selected:text-text"
          >
            {TABS[id].title}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {TAB_IDS.map((id) => {
        const { Content } = TABS[id];
        return (
          <Tabs.Panel key={id} value={id} className="min-h-48 min-w-0 outline-offset-4">
            <Content {...props} />
          </Tabs.Panel>
        );
      })}
    </Tabs.Root>
  );
}

function BrokerTab({ worker, now }: TabProps) {
  return (
    <Asked worker={worker} now={now} method="stats" title="Its connection to the broker">
      {(reply) => <ValueTable name="connection" reply={partOf(reply, 'broker') ?? {}} />}
    </Asked>
  );
}

function ConfigTab({ worker, now }: TabProps) {
  return (
    <Asked worker={worker} now={now} method="conf" title="Configuration, without secrets">
      {(reply) => <ValueTable name="config" reply={reply} />}
    </Asked>
  );
}

function SystemTab({ worker, now }: TabProps) {
  return (
    <Asked worker={worker} now={now} method="stats" title="Use of resources by its main process">
      {(reply) => <ValueTable name="system" reply={partOf(reply, 'rusage') ?? {}} />}
    </Asked>
  );
}

/** What other tabs show. */
const SHOWN = ['pool', 'broker', 'rusage', 'total', 'prefetch_count', 'autoscaler'] as const;

function OtherTab({ worker, now }: TabProps) {
  return (
    <div className="grid gap-4">
      <Asked worker={worker} now={now} method="stats" title="What else it tells">
        {(reply) => <ValueTable name="other" reply={withoutParts(reply, SHOWN)} />}
      </Asked>
      <Asked worker={worker} now={now} method="report" title="Report">
        {(reply) => <Report reply={reply} />}
      </Asked>
    </div>
  );
}

function Report({ reply }: { reply: unknown }) {
  const text = partOf(reply, 'ok');
  if (typeof text !== 'string') return <ValueTable name="report" reply={reply} />;
  return <pre className="font-mono text-[11px] break-words whitespace-pre-wrap">{text.trim()}</pre>;
}
