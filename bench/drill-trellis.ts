/** A Trellis that may drill again as soon as the estate is whole. */
import type { BenchContext } from './bench.ts';
import { runTrellis, type Trellis } from './session.ts';
import { benchFile } from './task-load.ts';
import type { TrellisYaml } from './trellis-config.ts';

/** Where it keeps its runs; they stay when it is killed. */
export function drillDataDir(context: BenchContext): string {
  return benchFile(context, 'data');
}

/** Starts Trellis on the lab with no cool-down after a drill, and with `change`; the next drill waits for the estate alone. */
export function runDrillTrellis(
  context: BenchContext,
  change: (yaml: TrellisYaml) => void = () => undefined,
): Promise<Trellis> {
  return runTrellis(context, (yaml: TrellisYaml & { drills?: { coolDownSeconds?: number } }) => {
    yaml.dataDir = drillDataDir(context);
    yaml.drills = { ...yaml.drills, coolDownSeconds: 0 };
    change(yaml);
  });
}
