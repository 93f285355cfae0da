'use client';
/** The drill that is under way, or that was lost sight of, on every page: much of what else is on the screen is its doing. */
import Link from 'next/link';
import { useLive } from '#components/live/live-provider.tsx';
import { StatusMark } from '#components/ui/status.tsx';
import { runShown } from '#lib/format/drill.ts';
import { runRoute } from '#lib/routes.ts';

/** A link to its live page; nothing while no drill is under way. */
export function RunningDrill() {
  const run = useLive((live) => live.run);
  if (run === null || run.state === 'ended') return null;
  const { status, word } = runShown(run);
  return (
    <Link
      href={runRoute(run.id)}
      data-running-drill={run.id}
      data-state={run.state}
      className={`rounded-sm border px-2 text-[12px] font-semibold hover:bg-raised ${run.state === 'lost' ? 'border-down/70' : 'border-maintenance/60'}`}
    >
      <StatusMark status={status} word={`${run.drill} ${word}`} />
    </Link>
  );
}
