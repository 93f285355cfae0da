/** Progress lines for the long commands: one line when a step begins, one with the seconds when it ends. */

/**
 * Runs one named step and says how long it took.
 * @throws whatever `work` throws, after saying that the step failed.
 */
export async function step<T>(title: string, work: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now();
  process.stdout.write(`▸ ${title}\n`);
  try {
    const result = await work();
    process.stdout.write(`✔ ${title} (${seconds(startedMs)})\n`);
    return result;
  } catch (error) {
    process.stdout.write(`✘ ${title} (${seconds(startedMs)})\n`);
    throw error;
  }
}

/** A failure whose message is all that the person at the terminal needs: printed without a stack. */
export class CommandError extends Error {
  readonly code = 'COMMAND_FAILED';
}

/** Runs a command's main function; ends the process with 1 and one readable message when it throws. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    const text = error instanceof CommandError ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`\n${text}\n`);
    process.exitCode = 1;
  }
}

function seconds(startedMs: number): string {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
