/** Drain: on SIGTERM or SIGINT the streams are closed, or Next would wait for them for ever. */

/** Longest time to a clean end; a connection that hangs must not hold up a restart. */
const LIMIT_MS = 1_000;

/** Runs `stop` once on the first signal, and makes sure that the process ends soon after. */
export function drainOnSignals(stop: () => void): void {
  let draining = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (draining) return;
      draining = true;
      stop();
      setTimeout(() => process.exit(0), LIMIT_MS).unref();
    });
  }
}
