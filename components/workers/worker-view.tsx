'use client';
/** One worker: how it is, what it tells when it is asked, and what it can be told. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { useState } from 'react';
import { useLive } from '#components/live/live-provider.tsx';
import { SeverityMark } from '#components/live/severity-mark.tsx';
import { SubjectHistory } from '#components/live/subject-history.tsx';
import { Answers } from '#components/ui/answers.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Panel, Panels } from '#components/ui/panel.tsx';
import type { WorkerCommand } from '#lib/contract/control.ts';
import { type WorkerRow, workerRows } from '#lib/format/worker.ts';
import { byGravity } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { entityRoute, routes, workerNameOf } from '#lib/routes.ts';
import { CommandDialog } from './command-dialog.tsx';
import { WorkerTabs } from './tabs.tsx';
import { WorkerPanel } from './worker-panel.tsx';

export function WorkerView() {
  const name = workerNameOf(usePathname());
  return (
    <Answers areAskedOnce>
      <LivePage title="Worker" about={<BackToList />}>
        {(model, now) => <WorkerPage key={name} name={name ?? ''} model={model} now={now} />}
      </LivePage>
    </Answers>
  );
}

function BackToList() {
  return (
    <Link href={{ pathname: routes.workers }} className="text-accent hover:underline">
      all workers
    </Link>
  );
}

type WorkerPageProps = { name: string; model: Model; now: number };

function WorkerPage({ name, model, now }: WorkerPageProps) {
  const throughput = useLive((live) => live.throughput);
  const [command, setCommand] = useState<WorkerCommand | null>(null);
  const worker = workerRows(model, throughput, now).find(({ id }) => id === name);
  if (worker === undefined) return <NotFound name={name} />;
  const tab = { worker, now, command: setCommand };
  return (
    <>
      <Panels>
        <WorkerPanel {...tab} model={model} />
        <Panel id="answers" title="What it tells" note="asked when it is opened; never by itself again">
          <WorkerTabs {...tab} />
        </Panel>
        <WorkerFindings worker={worker} model={model} />
        <Panel id="worker-changes" title="Lately">
          <SubjectHistory
            kind="celeryWorkers"
            id={name}
            model={model}
            label={`Changes of ${name}`}
            empty="Nothing changed since this page was opened."
          />
        </Panel>
      </Panels>
      {command !== null && (
        <CommandDialog
          key={JSON.stringify(command)}
          worker={name}
          command={command}
          close={() => setCommand(null)}
          onOffer={setCommand}
        />
      )}
    </>
  );
}

function WorkerFindings({ worker, model }: { worker: WorkerRow; model: Model }) {
  const findings = Object.values(model.findings)
    .filter(({ subject }) => subject.id === worker.id && /^(celeryWorkers|workers)$/.test(subject.kind))
    .sort(byGravity);
  if (findings.length === 0) return null;
  return (
    <Panel id="worker-findings" title="Findings">
      <ul className="grid gap-1 text-[12px]">
        {findings.map((finding) => (
          <li key={finding.id} className="flex min-w-0 gap-2">
            <SeverityMark finding={finding} />
            <Link href={entityRoute('findings', finding.id)} className="min-w-0 break-words hover:underline">
              {finding.text}
            </Link>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NotFound({ name }: { name: string }) {
  return (
    <div data-not-found className="grid justify-items-start gap-2 rounded-md border border-dashed border-line p-4">
      <p className="font-semibold break-words">
        Trellis knows no worker called <span className="font-mono">{name}</span>.
      </p>
      <ul className="list-disc pl-5 text-text-2">
        <li>It was gone before Trellis started, and no heartbeat of it has come since.</li>
        <li>It runs without heartbeats, and RabbitMQ does not list it.</li>
        <li>The name is not complete: Celery writes celery@host.</li>
      </ul>
    </div>
  );
}
