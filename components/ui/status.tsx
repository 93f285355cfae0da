/** A status: always colour and shape and word. */
import { Check, CircleDashed, CircleHelp, type LucideIcon, TriangleAlert, Wrench, X } from 'lucide-react';
import type { Status } from '#lib/model/status.ts';

const SHAPES: Readonly<Record<Status, LucideIcon>> = {
  ok: Check,
  degraded: TriangleAlert,
  down: X,
  unknown: CircleHelp,
  stale: CircleDashed,
  maintenance: Wrench,
};

const TEXT: Readonly<Record<Status, string>> = {
  ok: 'text-ok',
  degraded: 'text-degraded',
  down: 'text-down',
  unknown: 'text-unknown',
  stale: 'text-stale',
  maintenance: 'text-maintenance',
};

/** The border of something that has a status; what is not known now is hatched. */
export const STATUS_EDGE: Readonly<Record<Status, string>> = {
  ok: 'border-line',
  degraded: 'border-degraded/60',
  down: 'border-down/70',
  unknown: 'border-dashed border-line hatched',
  stale: 'border-dashed border-line hatched',
  maintenance: 'border-maintenance/60',
};

/** Shape and word in the status's colour. */
export function StatusMark({ status, word }: { status: Status; word: string }) {
  const Shape = SHAPES[status];
  return (
    <span className={`inline-flex items-baseline gap-1 whitespace-nowrap ${TEXT[status]}`}>
      <Shape aria-hidden size={13} strokeWidth={2.5} className="shrink-0 self-center" />
      <span className="sr-only">{status}: </span>
      {word}
    </span>
  );
}
