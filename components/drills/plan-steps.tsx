/** What a drill does: step by step the exact calls, what takes each back, and from where on roles have moved. */
import { Tag } from '#components/ui/tag.tsx';
import { formatDuration } from '#lib/format/task.ts';
import type { PlanStep } from '#lib/model/drill.ts';

export function PlanSteps({ steps }: { steps: readonly PlanStep[] }) {
  return (
    <ol aria-label="Steps of the plan" className="grid min-w-0">
      {steps.map((step, index) => (
        <li key={step.id} data-plan-step={step.id} className="min-w-0 border-t border-line py-1.5 text-[12px]">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="w-5 text-right font-mono text-text-3">{index + 1}</span>
            <b className="text-[13px] font-semibold">{step.title}</b>
            {step.isPointOfNoReturn && <Tag look="warn">roles move here</Tag>}
            <span className="ml-auto text-[11px] text-text-3">{formatDuration(step.limitMs)} at most</span>
          </p>
          <div className="ml-7 grid min-w-0 gap-0.5">
            <Calls calls={step.calls} none="only watches" />
            {step.calls.length > 0 && (
              <div className="min-w-0 text-text-3">
                Taken back by <Calls calls={step.undo} none="nothing: this stays" />
              </div>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

function Calls({ calls, none }: { calls: readonly string[]; none: string }) {
  if (calls.length === 0) return <span className="text-text-3">{none}</span>;
  return (
    <ul className="grid min-w-0 text-text-2">
      {/* The same call may stand twice in a step. */}
      {[...new Set(calls)].map((call) => (
        <li key={call} className="min-w-0">
          <code className="font-mono break-all">{call}</code>
        </li>
      ))}
    </ul>
  );
}
