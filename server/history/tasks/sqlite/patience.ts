/** How long a question may take. */

/** For so long (by a clock in ms) is looked; then what was found is given, and what is missing is said. */
export type Patience = { clock: () => number; limitMs: number };

/** The rest of 50 ms is for what was found. */
export const PATIENCE_MS = 30;
