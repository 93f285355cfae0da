/** One card of the rack: who, in which role, how it is, and how old that is. */
import type { ReactNode } from 'react';
import { StatusMark } from '#components/ui/status.tsx';
import { formatAge } from '#lib/format/quantity.ts';
import type { Shown, Status } from '#lib/model/status.ts';

const EDGE: Readonly<Record<Status, string>> = {
  ok: 'border-line',
  degraded: 'border-degraded/60',
  down: 'border-down/70',
  unknown: 'border-dashed border-line hatched',
  stale: 'border-dashed border-line hatched',
  maintenance: 'border-maintenance/60',
};

export type CardProps = {
  id: string;
  name: string;
  shown: Shown;
  /** The part that stands out: master, leader, serving. */
  leads?: string | undefined;
  seenAt: number | null;
  now: number;
  children?: ReactNode;
};

/** A card. The status is also in `data-status`, for tests and for style sheets of others. */
export function Card({ id, name, shown, leads, seenAt, now, children }: CardProps) {
  return (
    <article
      aria-label={name}
      data-entity={id}
      data-status={shown.status}
      className={`min-w-0 rounded-md border bg-panel px-2.5 py-1.5 ${EDGE[shown.status]}`}
    >
      <header className="flex items-baseline gap-2">
        <h3 className="truncate font-semibold" title={name}>
          {name}
        </h3>
        {leads !== undefined && (
          <span className="rounded-sm bg-raised px-1.5 text-[11px] font-semibold whitespace-nowrap">★ {leads}</span>
        )}
        <span className="ml-auto text-[11px] whitespace-nowrap text-text-3" title="age of what is shown">
          {seenAt === null ? 'never seen' : formatAge(now - seenAt)}
        </span>
      </header>
      <p className="flex flex-wrap gap-x-2 text-[12px] text-text-2">
        <StatusMark {...shown} />
        {children}
      </p>
    </article>
  );
}
