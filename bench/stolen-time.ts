/** What the host of a virtual machine takes of it: while it does, nothing here runs, neither the estate nor who measures it. */
import { readFileSync } from 'node:fs';

const EVERY_MS = 5_000;

/** Of more than this for five seconds everything here stands still for longer than a path may be out. */
export const STOLEN_LIMIT = 0.25;

/** Watches until the returned function is called; it gives the largest share (0 to 1) that was taken of any five seconds. */
export function watchStolenTime(): () => number {
  let before = cpuTicks();
  let worst = 0;
  const look = () => {
    const now = cpuTicks();
    if (now.all > before.all) worst = Math.max(worst, (now.stolen - before.stolen) / (now.all - before.all));
    before = now;
  };
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    return worst;
  };
}

/** Of all processors since the machine began; user to steal are the first eight fields (proc_stat(5)). */
function cpuTicks(): { all: number; stolen: number } {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
  const fields = line.split(/\s+/).slice(1, 9).map(Number);
  return { all: fields.reduce((sum, ticks) => sum + ticks, 0), stolen: fields[7] ?? 0 };
}
