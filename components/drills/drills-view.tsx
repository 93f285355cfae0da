'use client';
/** The drills page: what can be failed over on purpose, what that proved last time, and every run. */
import { Answers } from '#components/ui/answers.tsx';
import { LivePage } from '#components/ui/live-page.tsx';
import { Empty, Panel, Panels } from '#components/ui/panel.tsx';
import type { DrillsAnswer } from '#lib/contract/drills.ts';
import { DRILL_LAYERS } from '#lib/format/drill.ts';
import { ActiveRun } from './active-run.tsx';
import { CatalogRow } from './catalog-row.tsx';
import { DrillRuns } from './drill-runs.tsx';
import { MayNotDrill, MayNotDrillAll } from './may-not-drill.tsx';
import { OverviewPanel } from './overview-panel.tsx';
import { useDrills } from './use-drills.ts';

export function DrillsView() {
  return (
    <Answers>
      <LivePage title="Drills" about="fail over on purpose, safely, and see what it cost">
        {() => (
          <Panels>
            <ActiveRun />
            <MayNotDrill />
            <Catalog />
            <DrillRuns drill={null} />
            <OverviewPanel />
          </Panels>
        )}
      </LivePage>
    </Answers>
  );
}

function Catalog() {
  const { data, error } = useDrills();
  if (data === undefined)
    return <Empty>{error === null ? 'Asking for the drills…' : `The drills cannot be read: ${error.message}`}</Empty>;
  return (
    <Panel id="catalog" title="Catalog" note="a plan is only looked at: nothing begins before its name is typed">
      <div className="grid min-w-0 gap-3">
        <MayNotDrillAll />
        {DRILL_LAYERS.map(({ title, drills }) => (
          <Layer key={title} title={title} entries={data.drills.filter(({ id }) => drills.includes(id))} />
        ))}
      </div>
    </Panel>
  );
}

function Layer({ title, entries }: { title: string; entries: DrillsAnswer['drills'] }) {
  if (entries.length === 0) return null;
  return (
    <section aria-label={title} className="min-w-0">
      <h3 className="text-[12px] font-semibold text-text-3">{title}</h3>
      <ul>
        {entries.map((entry) => (
          <CatalogRow key={entry.id} entry={entry} />
        ))}
      </ul>
    </section>
  );
}
