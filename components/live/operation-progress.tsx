'use client';
/** How far an operation got: requested, acknowledged, verified, each with its time and what was seen. */
import { Check, CircleSlash, Clock, Loader, type LucideIcon, TriangleAlert, X } from 'lucide-react';
import Link from 'next/link';
import { BUTTON } from '#components/ui/action-form.tsx';
import type {
  ControlStage,
  ControlStep,
  Operation,
  OperationProgress as Progress,
  WorkerCommand,
} from '#lib/contract/control.ts';
import { describeProgress, STAGE_WORDS } from '#lib/format/operation.ts';
import { formatDuration, formatTotal } from '#lib/format/task.ts';
import { titleOfCommand } from '#lib/format/worker-command.ts';
import { taskRoute } from '#lib/routes.ts';
import { useNow } from './live-provider.tsx';
import { useAbort, useOperation } from './use-operation.ts';

const LOOK: Readonly<Record<ControlStage, readonly [shape: LucideIcon, text: string]>> = {
  requested: [Clock, 'text-text-2'],
  acknowledged: [Check, 'text-text-2'],
  verified: [Check, 'text-ok'],
  'not-verified': [TriangleAlert, 'text-degraded'],
  'no-answer': [TriangleAlert, 'text-degraded'],
  refused: [CircleSlash, 'text-down'],
  failed: [X, 'text-down'],
};

export type OperationProgressProps = {
  /** As it was when it began. */
  begun: Operation;
  /** What to do with a command that it offers in the end. */
  onOffer?: ((command: WorkerCommand) => void) | undefined;
};

export function OperationProgress({ begun, onOffer }: OperationProgressProps) {
  const now = useNow();
  const { data: operation, error } = useOperation(begun);
  const { startedAt, endedAt, stage, steps, progress, tasks } = operation;
  const isOver = endedAt !== null;
  return (
    <div data-operation={operation.id} data-stage={stage} data-over={isOver} className="grid min-w-0 gap-2 text-[12px]">
      <p role="status" className="flex flex-wrap items-baseline gap-x-2">
        <Stage stage={stage} strong />
        <span className="text-text-3">
          {isOver
            ? `after ${formatDuration(endedAt - startedAt)}`
            : `under way for ${formatDuration(Math.max(0, now - startedAt))}`}
        </span>
        {!isOver && <Loader aria-hidden size={12} className="animate-spin self-center text-text-3" />}
      </p>
      {progress !== null && <ProgressBar progress={progress} />}
      <ol className="grid gap-0.5 border-l-2 border-line pl-2">
        {steps.map((step, index) => (
          <Step
            key={`${step.at} ${step.stage} ${step.text}`}
            step={step}
            sinceMs={step.at - startedAt}
            isEvidence={isOver && index === steps.length - 1}
          />
        ))}
      </ol>
      {tasks.length > 0 && <Published tasks={tasks} />}
      {error !== null && !isOver && (
        <p role="alert" className="break-words text-degraded">
          Trellis does not tell how it goes on: {error.message}. It goes on all the same; the audit has its end.
        </p>
      )}
      <Foot operation={operation} onOffer={onOffer} />
    </div>
  );
}

/** The last step of what is over says what was seen. */
function Step({ step, sinceMs, isEvidence }: { step: ControlStep; sinceMs: number; isEvidence: boolean }) {
  return (
    <li data-step={step.stage} {...(isEvidence ? { 'data-evidence': '' } : {})} className="flex min-w-0 gap-2">
      <span className="w-16 shrink-0 text-right font-mono text-text-3">+{formatDuration(Math.max(0, sinceMs))}</span>
      <span className={`min-w-0 break-words ${isEvidence ? 'font-semibold' : ''}`}>
        <Stage stage={step.stage} /> {step.text}
      </span>
    </li>
  );
}

function Stage({ stage, strong = false }: { stage: ControlStage; strong?: boolean }) {
  const [Shape, text] = LOOK[stage];
  return (
    <span
      className={`inline-flex items-baseline gap-1 whitespace-nowrap ${text} ${strong ? 'text-[13px] font-semibold' : ''}`}
    >
      <Shape aria-hidden size={12} strokeWidth={2.5} className="shrink-0 self-center" />
      {STAGE_WORDS[stage]}
    </span>
  );
}

function ProgressBar({ progress }: { progress: Progress }) {
  const { done, skipped, failed, total } = progress;
  const dealtWith = done + skipped + failed;
  return (
    <p className="flex flex-wrap items-center gap-2">
      <progress
        aria-label="Progress"
        className="h-1.5 w-40 accent-accent"
        {...(total === null ? {} : { value: dealtWith, max: Math.max(1, total) })}
      />
      <span>
        {formatTotal(dealtWith)}
        {total !== null && ` of ${formatTotal(total)}`}
        <span className="text-text-2">: {describeProgress(progress)}</span>
      </span>
    </p>
  );
}

/** More than these are in the list of tasks. */
const LINKS = 3;

function Published({ tasks }: { tasks: readonly string[] }) {
  return (
    <p className="min-w-0 break-words">
      New task:{' '}
      {tasks.slice(0, LINKS).map((id) => (
        <Link key={id} href={taskRoute(id)} data-new-task={id} className="mr-2 font-mono text-accent hover:underline">
          {id}
        </Link>
      ))}
      {tasks.length > LINKS && <span className="text-text-2">and {formatTotal(tasks.length - LINKS)} more</span>}
    </p>
  );
}

function Foot({ operation, onOffer }: { operation: Operation; onOffer: OperationProgressProps['onOffer'] }) {
  const abort = useAbort(operation.id);
  const isOver = operation.endedAt !== null;
  const offers = operation.outcome?.offers ?? [];
  return (
    <>
      {!isOver && (
        <p className="flex flex-wrap items-center gap-2 text-text-2">
          It goes on when this is closed.
          <button
            type="button"
            className={`${BUTTON} ml-auto`}
            disabled={abort.isPending || abort.isSuccess}
            onClick={() => abort.mutate()}
          >
            {abort.isSuccess ? 'Stopping…' : 'Stop'}
          </button>
        </p>
      )}
      {abort.isError && (
        <p role="alert" className="text-down">
          It was not stopped: {abort.error.message}
        </p>
      )}
      {onOffer !== undefined && offers.length > 0 && (
        <div className="flex flex-wrap gap-1.5">
          {offers.map((command) => (
            <button key={JSON.stringify(command)} type="button" className={BUTTON} onClick={() => onOffer(command)}>
              {titleOfCommand(command)}…
            </button>
          ))}
        </div>
      )}
    </>
  );
}
