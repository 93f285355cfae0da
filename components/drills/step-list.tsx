/** The steps of a run, each with how it went and how long it took; the one that runs shows how much of its limit is used. */
import { formatStopwatch, isUnderWay, stepMs, stepShown } from '#lib/format/drill.ts';
import { formatDuration } from '#lib/format/task.ts';
import type { Run, RunStep, StepState } from '#lib/model/drill.ts';
import { StepMark } from './step-mark.tsx';

const TITLE: Readonly<Record<StepState, string>> = {
  waiting: 'text-text-3',
  running: 'text-maintenance',
  done: '',
  failed: 'text-down',
  undone: 'text-maintenance',
  skipped: 'text-text-3',
  unknown: 'text-degraded',
};

/** Top to bottom, in the order in which they are done. */
export function StepList({ run, now }: { run: Run; now: number }) {
  return (
    <ol aria-label="Steps">
      {run.steps.map((step, index) => (
        <StepRow key={step.id} step={step} now={now} isLast={index === run.steps.length - 1} isLive={isUnderWay(run)} />
      ))}
    </ol>
  );
}

type StepRowProps = { step: RunStep; now: number; isLast: boolean; isLive: boolean };

function StepRow({ step, now, isLast, isLive }: StepRowProps) {
  const { state, title, says, limitMs } = step;
  const { word } = stepShown(step);
  const tookMs = stepMs(step, now);
  const isRunning = state === 'running';
  return (
    <li
      data-step={step.id}
      data-state={state}
      aria-current={isRunning ? 'step' : undefined}
      className="grid grid-cols-[1.25rem_minmax(0,1fr)] gap-x-2"
    >
      <span aria-hidden className="flex flex-col items-center">
        <StepMark state={state} />
        {!isLast && <span className={`w-0.5 flex-1 ${state === 'done' ? 'bg-ok/40' : 'bg-line'}`} />}
      </span>
      <div className="min-w-0 pb-3">
        <p className="flex items-baseline gap-2">
          <span className={`min-w-0 font-semibold break-words ${TITLE[state]}`}>{title}</span>
          <span className="sr-only">: {word}</span>
          {tookMs !== null && (
            <span className="ml-auto font-mono text-[11px] whitespace-nowrap text-text-3">
              {isRunning && isLive ? formatStopwatch(tookMs) : formatDuration(tookMs)}
            </span>
          )}
        </p>
        <p className="min-h-[18px] text-[12px] break-words text-text-2">
          {says || (state === 'waiting' ? '' : word)}
          {isRunning && isLive && <span className="text-text-3"> · {formatDuration(limitMs)} at most</span>}
        </p>
        {isRunning && isLive && tookMs !== null && <Used share={tookMs / Math.max(1, limitMs)} />}
      </div>
    </li>
  );
}

/** How much of the limit is used. */
function Used({ share }: { share: number }) {
  const percent = Math.min(1, share) * 100;
  return (
    <span aria-hidden className="mt-1 block h-0.5 rounded-full bg-line">
      <span
        className={`block h-0.5 rounded-full ${share > 0.75 ? 'bg-degraded' : 'bg-maintenance'}`}
        style={{ width: `${percent}%` }}
      />
    </span>
  );
}
