/** What processes use, from /proc. */
import { readFileSync } from 'node:fs';

/** Ticks of /proc/<pid>/stat per second: fixed in Linux's interface, whatever the kernel's own timer. */
const TICKS_PER_SECOND = 100;
const KIBIBYTE = 1024;

/** CPU seconds that a process has used so far, in all its threads. @throws Error when it has ended */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** CPU seconds of several processes; one that has ended counts nothing. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((total, pid) => {
    try {
      return total + cpuSeconds(pid);
    } catch {
      return total;
    }
  }, 0);
}

/** Resident memory. @throws Error when the process has ended */
export function residentMegabytes(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return (Number(line?.[1]) * KIBIBYTE) / 1_000_000;
}

/** One look at a process. */
export type Usage = { readonly atMs: number; readonly cpuSeconds: number; readonly megabytes: number };

/**
 * Looks at a process every `everyMs`, until the returned function is called; it gives what was seen, and throws an Error
 * when the process has ended meanwhile.
 */
export function sampleUsage(pid: number, everyMs: number): () => readonly Usage[] {
  const samples: Usage[] = [];
  const look = () => {
    samples.push({ atMs: performance.now(), cpuSeconds: cpuSeconds(pid), megabytes: residentMegabytes(pid) });
  };
  look();
  const timer = setInterval(() => {
    try {
      look();
    } catch {
      clearInterval(timer); // The end is told to who asks for the samples: thrown here it would end the bench unmended.
    }
  }, everyMs);
  return () => {
    clearInterval(timer);
    try {
      look();
    } catch (cause) {
      throw new Error(`process ${pid} has ended while it was measured`, { cause });
    }
    return samples;
  };
}

/** CPU seconds per second over the samples. */
export function coresOf(samples: readonly Usage[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
  return ((last.cpuSeconds - first.cpuSeconds) * 1000) / (last.atMs - first.atMs);
}

/** The most that was resident. */
export function mostMegabytes(samples: readonly Usage[]): number {
  return Math.max(...samples.map(({ megabytes }) => megabytes));
}

/** How memory grows, by least squares: megabytes per minute. */
export function slopePerMinute(samples: readonly Usage[]): number {
  const n = samples.length;
  const meanAt = samples.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const meanSize = samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / n;
  const above = samples.reduce((sum, { atMs, megabytes }) => sum + (atMs - meanAt) * (megabytes - meanSize), 0);
  const below = samples.reduce((sum, { atMs }) => sum + (atMs - meanAt) ** 2, 0);
  return below === 0 ? 0 : (above / below) * 60_000;
}

/** Bytes that the kernel holds for those who are connected to a port of this machine and do not read. */
export function waitingBytes(port: number): number {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix))
    .reduce((sum, fields) => sum + Number.parseInt(fields[4]?.split(':')[0] ?? '0', 16), 0);
}
