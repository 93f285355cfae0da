'use client';
/** The top of a run, which stays in sight: how it stands, its clock, who runs it and why, and Abort. */
import { Download } from 'lucide-react';
import { StatusMark } from '#components/ui/status.tsx';
import { ClockTime } from '#components/ui/time.tsx';
import { formatStopwatch, isUnderWay, runShown } from '#lib/format/drill.ts';
import type { Run } from '#lib/model/drill.ts';
import { routes } from '#lib/routes.ts';
import { AbortButton } from './abort-button.tsx';

export type RunHeadProps = { run: Run; targetName: string | null; now: number };

export function RunHead({ run, targetName, now }: RunHeadProps) {
  const isLive = isUnderWay(run);
  return (
    <>
      <div
        data-run={run.id}
        data-state={run.state}
        data-verdict={run.verdict ?? ''}
        className="sticky top-0 z-20 flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line bg-canvas py-2 lg:top-[51px]"
      >
        <p role="status" className="text-[14px] font-semibold">
          <StatusMark {...runShown(run)} />
        </p>
        <Clock run={run} now={now} />
        <span className="ml-auto">{isLive ? <AbortButton run={run} /> : <Exports id={run.id} />}</span>
      </div>
      <p data-who className="text-[13px] break-words text-text-2">
        {targetName !== null && (
          <>
            On <b className="font-semibold text-text">{targetName}</b>,{' '}
          </>
        )}
        started by <b className="font-semibold text-text">{run.actor}</b> at <ClockTime at={run.startedAt} />: “
        {run.reason}”
      </p>
    </>
  );
}

/** Since the fault; since the start while there was none. */
function Clock({ run, now }: Pick<RunHeadProps, 'run' | 'now'>) {
  const zero = run.faultAt ?? run.startedAt;
  return (
    <p className="flex items-baseline gap-2">
      {/* A clock that ticks would be read out without end. */}
      <span aria-hidden={isUnderWay(run)} className="font-mono text-[22px] leading-6 font-semibold">
        {formatStopwatch((run.endedAt ?? now) - zero)}
      </span>
      <span className="text-[11px] text-text-3">{run.faultAt === null ? 'since the start' : 'since the fault'}</span>
    </p>
  );
}

function Exports({ id }: { id: string }) {
  const url = `${routes.api.runs}/${encodeURIComponent(id)}`;
  const look =
    'inline-flex h-7 items-center gap-1 rounded-sm border border-line px-2 text-[12px] text-text-2 hover:bg-raised';
  return (
    <span className="inline-flex gap-1">
      <a href={`${url}?format=md`} download={`run-${id}.md`} className={look}>
        <Download aria-hidden size={11} /> Markdown
      </a>
      <a href={`${url}?format=json`} download={`run-${id}.json`} className={look}>
        <Download aria-hidden size={11} /> JSON
      </a>
    </span>
  );
}
