'use client';
/** What remains of a run: the estate's own tasks, findings, what changed, what was checked before, and another run beside it. */
import { Panel } from '#components/ui/panel.tsx';
import type { RunAnswer } from '#lib/contract/drills.ts';
import { isUnderWay } from '#lib/format/drill.ts';
import { checksText } from '#lib/format/drill-plan.ts';
import type { Run } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { ComparePanel } from './compare-panel.tsx';
import { FindingsPanel } from './findings-panel.tsx';
import { GuardList } from './guard-list.tsx';
import { OwnTasksPanel } from './own-tasks-panel.tsx';
import { PlanSteps } from './plan-steps.tsx';
import { RunTimelinePanel } from './run-timeline-panel.tsx';

export type RunReportProps = { run: Run; answer: RunAnswer; model: Model; now: number };

/** What needs an end comes with it; the rest is there from the start. */
export function RunReport({ run, answer, model, now }: RunReportProps) {
  const isOver = !isUnderWay(run);
  return (
    <>
      <OwnTasksPanel run={run} answer={answer} />
      {isOver && <FindingsPanel answer={answer} />}
      {isOver && <ComparePanel run={run} now={now} />}
      <div className="grid min-w-0 gap-3 xl:grid-cols-2">
        <Panel id="guards" title="Guards" note={`before it began: ${checksText(run.checks)}`}>
          <GuardList checks={run.checks} sinceMs={0} />
        </Panel>
        <Panel id="calls" title="What it was to do" note="the exact calls of the plan">
          <PlanSteps steps={answer.plan.steps} />
        </Panel>
      </div>
      {isOver && <RunTimelinePanel run={run} model={model} />}
    </>
  );
}
