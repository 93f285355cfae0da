'use client';
/** The run that is under way, or that was lost sight of, on top of everything else. */
import { TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import { StatusMark } from '#components/ui/status.tsx';
import { Age } from '#components/ui/time.tsx';
import { isUnderWay, runShown } from '#lib/format/drill.ts';
import { runRoute } from '#lib/routes.ts';
import { useActiveRun } from './use-drills.ts';

export function ActiveRun() {
  const run = useActiveRun();
  if (run === null) return null;
  const isLost = !isUnderWay(run);
  return (
    <div
      role="status"
      data-active-run={run.id}
      className={`flex flex-wrap items-baseline gap-x-3 gap-y-1 rounded-md border p-3 ${isLost ? 'border-down/70' : 'border-maintenance/60'}`}
    >
      {isLost && <TriangleAlert aria-hidden size={14} className="self-center text-down" />}
      <StatusMark {...runShown(run)} />
      <span className="min-w-0 break-words">
        <b className="font-semibold">{run.drill}</b>, started by {run.actor} <Age at={run.startedAt} suffix=" ago" />: “
        {run.reason}”
      </span>
      <Link href={runRoute(run.id)} className="ml-auto font-semibold text-accent hover:underline">
        {isLost ? 'See what is left to take back' : 'Watch it'}
      </Link>
    </div>
  );
}
