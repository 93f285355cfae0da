/** What can go wrong with drills, as stable codes with the HTTP status of the answer. */
export const DRILL_STATUSES = {
  DRILL_UNKNOWN: 404,
  RUN_UNKNOWN: 404,
  TARGET_MISMATCH: 400,
  OTHER_DRILL: 400,
  DRILL_REFUSED: 409,
  STATE_CHANGED: 409,
  RUN_ENDED: 409,
  NOTHING_LEFT: 409,
  UNDO_FAILED: 409,
  RUNS_UNAVAILABLE: 503,
  OVERVIEW_UNREADABLE: 503,
} as const;
export type DrillCode = keyof typeof DRILL_STATUSES;

/** An error that is answered with the status of its code. */
export function drillError(code: DrillCode, message: string): Error {
  return Object.assign(new Error(message), { code });
}
