'use client';
/** The page of one drill: what it is aimed at, what stands against it now, what it would do, and Start. */
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { parseAsString, useQueryStates } from 'nuqs';
import { useState } from 'react';
import { Answers } from '#components/ui/answers.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panels } from '#components/ui/panel.tsx';
import type { DrillEntry } from '#lib/contract/drills.ts';
import { parseAim, targetAimedAt } from '#lib/format/drill-target.ts';
import { DRILL_IDS, type DrillId } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { AIM, drillOrRunOf, routes } from '#lib/routes.ts';
import { DrillRuns } from './drill-runs.tsx';
import { PlanBody } from './plan-body.tsx';
import { TargetPanel } from './target-panel.tsx';
import { useDrills, usePlan } from './use-drills.ts';

export function PlanView() {
  return (
    <Answers>
      <PlanPage />
    </Answers>
  );
}

function PlanPage() {
  const id = drillOrRunOf(usePathname());
  const { data, error } = useDrills();
  const entry = data?.drills.find((drill) => drill.id === id);
  return (
    <LivePage title={entry?.title ?? id ?? 'Drill'} about={<BackToDrills />}>
      {(model, now) => {
        if (!isDrill(id)) return <NotFound id={id} />;
        if (entry !== undefined) return <Plan key={id} entry={entry} model={model} now={now} />;
        if (error !== null) return <Empty>The drills cannot be read: {error.message}</Empty>;
        return <p className="text-text-3">Asking for the drill…</p>;
      }}
    </LivePage>
  );
}

function isDrill(id: string | null): id is DrillId {
  return (DRILL_IDS as readonly (string | null)[]).includes(id);
}

function BackToDrills() {
  return (
    <Link href={{ pathname: routes.drills }} className="text-accent hover:underline">
      all drills
    </Link>
  );
}

function NotFound({ id }: { id: string | null }) {
  return (
    <div data-not-found>
      <Empty>
        There is no drill called <span className="font-mono">{id}</span>. The catalog is on the Drills page.
      </Empty>
    </div>
  );
}

type PlanProps = { entry: DrillEntry; model: Model; now: number };

function Plan({ entry, model, now }: PlanProps) {
  const [address, setAddress] = useQueryStates({ target: parseAsString, [AIM]: parseAsString });
  const aim = parseAim(address[AIM]);
  const aimed = aim === null ? null : targetAimedAt(aim, entry.targets, model);
  const likeliest = aimed ?? entry.targets[0] ?? null;
  // What is likeliest may change while the plan is read; what is read about does not.
  const [initial, setInitial] = useState<string | null>(null);
  if (initial === null && likeliest !== null) setInitial(likeliest.id);
  const chosen = entry.targets.find(({ id }) => id === (address.target ?? initial ?? likeliest?.id)) ?? null;
  const isMissed = address.target === null && aim !== null && aimed === null && entry.targetKind !== null;
  const { data, error } = usePlan(entry.id, entry.targetKind === null ? null : chosen?.id);
  const choose = (id: string) => void setAddress({ target: id, [AIM]: null });
  return (
    <Panels>
      {entry.targetKind !== null && (
        <TargetPanel targets={entry.targets} chosen={chosen} isMissed={isMissed} choose={choose} />
      )}
      {error !== null && (
        <p role="alert" className="rounded-md border border-degraded/60 p-2.5 break-words">
          No plan can be made now: {error.message}
        </p>
      )}
      {data !== undefined ? (
        <PlanBody
          key={data.plan.target}
          entry={entry}
          plan={data.plan}
          targetName={chosen?.name ?? entry.id}
          now={now}
        />
      ) : (
        error === null &&
        chosen !== null && (
          <p aria-busy className="min-h-[60vh] text-text-3">
            Making the plan…
          </p>
        )
      )}
      <DrillRuns drill={entry.id} />
    </Panels>
  );
}
