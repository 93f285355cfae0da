/** A Trellis that may drill again as soon as the estate is whole. */
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { BenchContext } from './bench.ts';
import { runTrellis, type Trellis } from './session.ts';
import { benchFile } from './task-load.ts';
import type { TrellisYaml } from './trellis-config.ts';

/** Where it keeps its runs; they stay when it is killed. */
export function drillDataDir(context: BenchContext): string {
  return benchFile(context, 'data');
}

/** Of a scheduler that goes from -20 (first) to 19. */
const PRIORITY = -10;

/** Starts Trellis on the lab with no cool-down after a drill, and with `change`; the next drill waits for the estate alone. */
export async function runDrillTrellis(
  context: BenchContext,
  change: (yaml: TrellisYaml) => void = () => undefined,
): Promise<Trellis> {
  const trellis = await runTrellis(context, (yaml: TrellisYaml & { drills?: { coolDownSeconds?: number } }) => {
    yaml.dataDir = drillDataDir(context);
    yaml.drills = { ...yaml.drills, coolDownSeconds: 0 };
    change(yaml);
  });
  try {
    comeFirst(trellis.pid);
  } catch (error) {
    context.say(`Trellis waits for the load like everybody else: ${(error as Error).message}`);
  }
  return trellis;
}

/**
 * All hosts of the lab share the cores with Trellis, which has a host of its own in an estate: without this each of a drill's calls
 * waits for whatever the load makes run. @throws Error where the user may not (root may)
 */
function comeFirst(pid: number): void {
  for (const thread of readdirSync(`/proc/${pid}/task`)) setPriority(Number(thread), PRIORITY);
}
