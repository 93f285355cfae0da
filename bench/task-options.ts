/** Choices of the command line that only the benches of the task history have. */
import type { BenchContext, BenchOptions } from './bench.ts';

/** Where none is made, each bench has its own. */
export type TaskOptions = {
  /** How often something is killed or cut. */
  readonly times: number | undefined;
  /** The folder of a checkout of Flower. */
  readonly flower: string | undefined;
};

/** What was chosen. */
export function taskOptions({ options }: BenchContext): TaskOptions {
  return options as BenchOptions & TaskOptions;
}
