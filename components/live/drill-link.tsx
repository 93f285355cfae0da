'use client';
/** The way from a thing to the drill that is about it; off where the reader may not start one, with the reason in sight. */
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { DrillId } from '#lib/model/drill.ts';
import { startActionOf } from '#lib/permissions.ts';
import { type Aim, drillRoute } from '#lib/routes.ts';
import { useMay } from './use-may.ts';

const LOOK =
  'inline-flex h-5 items-center gap-1 rounded-sm border border-line bg-raised px-1.5 text-[11px] leading-none font-normal whitespace-nowrap';

export type DrillLinkProps = {
  drill: DrillId;
  aim: Aim;
  /** What it leads to, for screen readers: `Fail over redis-1`. */
  label: string;
  children: ReactNode;
};

/** Leads to the plan: nothing is done before its name was typed there. */
export function DrillLink({ drill, aim, label, children }: DrillLinkProps) {
  const { may, why } = useMay(startActionOf(drill));
  if (!may)
    return (
      <button
        type="button"
        disabled
        data-drill={drill}
        aria-label={label}
        title={why ?? label}
        className={`${LOOK} text-text-3`}
      >
        {children}
      </button>
    );
  return (
    <Link
      href={drillRoute(drill, aim)}
      data-drill={drill}
      aria-label={label}
      title={label}
      className={`${LOOK} text-text-2 hover:border-text-3 hover:text-text`}
    >
      {children}
    </Link>
  );
}
