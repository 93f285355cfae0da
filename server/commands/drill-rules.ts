/** How the gate takes the writes about drills. */
import type { StartRun } from '#lib/contract/drills.ts';
import { startActionOf } from '#lib/permissions.ts';
import { DRILL_STATUSES } from '#server/drills/drill-error.ts';
import { targetOfRun } from '#server/drills/start-drills.ts';

export const DRILL_RULE = {
  start: {
    action: ({ drill }: StartRun) => startActionOf(drill),
    target: ({ drill, target }: StartRun) => targetOfRun(drill, target),
    statuses: DRILL_STATUSES,
  },
  /** Calling off, and taking back what is left; the run's id stands in the address. */
  end: { action: 'drill.abort', statuses: DRILL_STATUSES },
} as const;
