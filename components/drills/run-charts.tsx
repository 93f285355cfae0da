'use client';
/** The heart of a run: the steps at the left, what observers and canaries saw at the right, on one clock. */
import { useState } from 'react';
import { BUTTON } from '#components/ui/action-form.tsx';
import { Empty, Panel } from '#components/ui/panel.tsx';
import { isUnderWay } from '#lib/format/drill.ts';
import { type AxisView, axisOf } from '#lib/format/drill-axis.ts';
import type { Hypothesis, Run } from '#lib/model/drill.ts';
import { LedgerPanel } from './ledger-panel.tsx';
import { MarkList, ObserverLanes } from './observer-lanes.tsx';
import { OutageLanes } from './outage-lanes.tsx';
import { StepList } from './step-list.tsx';

export type RunChartsProps = { run: Run; hypothesis: Hypothesis | null; now: number };

export function RunCharts({ run, hypothesis, now }: RunChartsProps) {
  const [view, setView] = useState<AxisView>('fault');
  const axis = axisOf(run, now, view);
  const zeroText = axis.zeroIs === 'fault' ? 'one clock, 0 = fault' : 'one clock, 0 = start';
  return (
    <div className="grid min-w-0 gap-3 lg:grid-cols-[17rem_minmax(0,1fr)]">
      <Panel
        id="steps"
        title="Steps"
        note={`${run.steps.filter(({ state }) => state === 'done').length} of ${run.steps.length} done`}
      >
        <StepList run={run} now={now} />
      </Panel>
      <div className="grid min-w-0 content-start gap-3">
        <Panel
          id="observers"
          title="What each observer saw"
          note={zeroText}
          actions={
            <button
              type="button"
              aria-pressed={view === 'whole'}
              className={BUTTON}
              onClick={() => setView(view === 'whole' ? 'fault' : 'whole')}
            >
              {view === 'whole' ? 'Show around the fault' : 'Show the whole run'}
            </button>
          }
        >
          {run.marks.length === 0 && (
            <Empty>
              {isUnderWay(run)
                ? 'Nobody has seen anything yet.'
                : 'Nobody saw anything: no role moved, nothing went down.'}
            </Empty>
          )}
          <ObserverLanes marks={run.marks} axis={axis} />
          {run.marks.length > 0 && (
            <details className="mt-2">
              <summary className="cursor-pointer text-[12px] text-text-2">All {run.marks.length} in words</summary>
              <MarkList marks={run.marks} zero={axis.zero} />
            </details>
          )}
        </Panel>
        <Panel id="outages" title="Outage per path" note="from the canaries; ] = what was promised">
          <OutageLanes {...{ run, hypothesis, axis, now }} />
        </Panel>
        <LedgerPanel run={run} />
      </div>
    </div>
  );
}
