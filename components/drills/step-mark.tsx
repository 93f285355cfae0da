/** The sign of a step's state: a shape for each, so that colour is not needed. */
import {
  Check,
  CircleDashed,
  CircleHelp,
  CircleSlash,
  LoaderCircle,
  type LucideIcon,
  RotateCcw,
  X,
} from 'lucide-react';
import type { StepState } from '#lib/model/drill.ts';

const LOOK: Readonly<Record<StepState, readonly [shape: LucideIcon, className: string]>> = {
  waiting: [CircleDashed, 'border-line text-text-3'],
  running: [
    LoaderCircle,
    'border-maintenance text-maintenance ring-4 ring-maintenance/20 motion-safe:[&>svg]:animate-spin',
  ],
  done: [Check, 'border-ok text-ok'],
  failed: [X, 'border-down text-down'],
  undone: [RotateCcw, 'border-maintenance text-maintenance'],
  skipped: [CircleSlash, 'border-line text-text-3'],
  unknown: [CircleHelp, 'border-degraded text-degraded'],
};

/** The sign as a component. */
export function StepMark({ state }: { state: StepState }) {
  const [Shape, className] = LOOK[state];
  return (
    <span
      className={`my-0.5 inline-flex size-[18px] shrink-0 items-center justify-center rounded-full border ${className}`}
    >
      <Shape size={11} strokeWidth={3} />
    </span>
  );
}
