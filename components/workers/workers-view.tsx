'use client';
/** The workers page: every worker by its heartbeats and by RabbitMQ, and how to ask them. */
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { SplitPanel } from '#components/charts/throughput-panel.tsx';
import { ActionButton, ActionRefusals } from '#components/live/action-button.tsx';
import { useLive } from '#components/live/live-provider.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { ExportButtons } from '#components/ui/export-buttons.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { useSelected } from '#components/ui/use-selected.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { describeStates, filterWorkers, type WorkerRow, workerRows } from '#lib/format/worker.ts';
import { workerGroupOf } from '#lib/format/worker-group.ts';
import { poolOf } from '#lib/format/worker-reply.ts';
import type { Model } from '#lib/model/model.ts';
import { filterOf, isFiltered, NO_FILTER, useWorkersFilter } from './filter.ts';
import { FilterBar } from './filter-bar.tsx';
import { type Answer, inspectKey } from './inspect.ts';
import { entriesOf, sortRows } from './table-entries.ts';
import { useAskAll } from './use-inspect.ts';
import { WORKER_COLUMNS } from './worker-columns.tsx';
import { WorkerTable } from './worker-table.tsx';

export function WorkersView() {
  return (
    <Answers areAskedOnce>
      <LivePage title="Workers" about="Celery: who is alive, who works, and on what">
        {(model, now) => <WorkersPage model={model} now={now} />}
      </LivePage>
    </Answers>
  );
}

function WorkersPage({ model, now }: { model: Model; now: number }) {
  const throughput = useLive((live) => live.throughput);
  const [view] = useWorkersFilter();
  const rows = workerRows(model, throughput, now);
  const shown = filterWorkers(rows, filterOf(view));
  return (
    <>
      <SplitPanel first="worker" />
      <Panel
        id="workers"
        title="Workers"
        note={shown.length === 0 ? undefined : describeStates(shown)}
        actions={<AskButtons rows={shown} />}
      >
        <div className="grid min-w-0 gap-2">
          <ActionRefusals actions={['worker.inspect']} />
          {rows.length === 0 ? (
            <Empty>
              No worker was seen. Trellis learns of them by their heartbeats (celery: in trellis.yaml) and by RabbitMQ's
              lists of consumers (rabbitmq:). Sources tells what it can see.
            </Empty>
          ) : (
            <>
              <FilterBar rows={rows} />
              <List rows={shown} model={model} />
            </>
          )}
        </div>
      </Panel>
    </>
  );
}

function List({ rows, model }: { rows: readonly WorkerRow[]; model: Model }) {
  const [view, setView] = useWorkersFilter();
  const [selected] = useSelected();
  const nameOf = useShortNames(model);
  if (rows.length === 0)
    return (
      <Empty>
        No worker passes the filter.{' '}
        {isFiltered(view) && (
          <button type="button" className="underline" onClick={() => void setView(NO_FILTER)}>
            Show everything
          </button>
        )}
      </Empty>
    );
  const column = WORKER_COLUMNS.find(({ id }) => id === view.sort.replace(/^-/, '')) ?? WORKER_COLUMNS[0];
  const sorted = column === undefined ? rows : sortRows(rows, column.value, view.sort.startsWith('-'));
  const isSearch = view.q.trim() !== '';
  const linked = selected === null ? null : workerGroupOf(selected.id);
  const entries = entriesOf(sorted, (group) => isSearch || group === linked || view.open.includes(group));
  return (
    <>
      <WorkerTable
        entries={entries}
        nameOf={nameOf}
        sort={view.sort}
        onSort={(sort) => void setView({ sort })}
        onToggle={(group) =>
          void setView({
            open: view.open.includes(group) ? view.open.filter((one) => one !== group) : [...view.open, group],
          })
        }
        selected={selected}
      />
      <Export rows={sorted} />
    </>
  );
}

/** Stays the same until the broker nodes change, so that rows need not be drawn again. */
function useShortNames(model: Model): (id: string) => string {
  const { brokerNodes } = model;
  return useMemo(() => (id: string) => shortNodeName(id, { brokerNodes }), [brokerNodes]);
}

function AskButtons({ rows }: { rows: readonly WorkerRow[] }) {
  const { mutate, isPending, error } = useAskAll();
  const workers = rows.map(({ id }) => id);
  const pointless = isPending ? 'They have not answered yet' : workers.length === 0 ? 'No worker is shown' : null;
  return (
    <>
      <span role="status" className="self-center text-[12px] text-text-2">
        {isPending ? 'asking…' : error !== null ? `not asked: ${error.message}` : ''}
      </span>
      <ActionButton action="worker.inspect" pointless={pointless} onClick={() => mutate({ workers, method: 'ping' })}>
        Ping all
      </ActionButton>
      <ActionButton action="worker.inspect" pointless={pointless} onClick={() => mutate({ workers, method: 'stats' })}>
        Ask for pools
      </ActionButton>
    </>
  );
}

/** The rows as a file, with what they answered so far. */
function Export({ rows }: { rows: readonly WorkerRow[] }) {
  const client = useQueryClient();
  const answerOf = (worker: string, method: 'ping' | 'stats') =>
    client.getQueryData<Answer>(inspectKey(worker, method));
  const pingOf = ({ id }: WorkerRow) => {
    const ping = answerOf(id, 'ping');
    return ping === undefined ? null : ping.isSilent ? 'no answer' : 'pong';
  };
  const columns = [
    ...WORKER_COLUMNS.filter(({ isAsked }) => isAsked !== true),
    { id: 'ping', value: pingOf },
    { id: 'pool', value: ({ id }: WorkerRow) => poolOf(answerOf(id, 'stats')?.reply).concurrency },
    { id: 'prefetch', value: ({ id }: WorkerRow) => poolOf(answerOf(id, 'stats')?.reply).prefetch },
  ];
  return (
    <div className="flex text-[12px]">
      <ExportButtons name="workers" columns={columns} rows={rows} />
    </div>
  );
}
