/** Blocking queries: Consul answers when something changed, so that a lock that changes hands is seen at once. */
import { setTimeout as delay } from 'node:timers/promises';
import type { PushReport } from '#server/sources/source.ts';
import type { ConsulClient } from './client.ts';

const WAIT_SECONDS = 30;
/** Consul may take a sixteenth longer than asked. */
const LIMIT_MS = 40_000;
/** An index that changes all the time must not become a storm of requests. */
const LEAST_MS = 100;
const RETRY_MS = 500;

/**
 * Follows one path below /v1 until the signal, on one agent after the other; reports that it changed, not how. `onNews` is
 * told the number of the agent that knows the change: another may still answer what was before.
 */
export async function followChanges(
  path: string,
  agents: readonly ConsulClient[],
  report: PushReport,
  onNews: (agent: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let turn = 0;
  let index = 0;
  while (!signal.aborted) {
    const agent = agents[turn % agents.length] as ConsulClient;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]);
      const next = await agent.changed(path, index, WAIT_SECONDS, limit);
      if (index > 0 && next !== index) {
        onNews(turn % agents.length);
        report.hurry();
      }
      index = next;
      await delay(LEAST_MS, undefined, { signal });
    } catch {
      if (signal.aborted) return;
      // Another agent counts its index by itself.
      index = 0;
      turn += 1;
      report.nudge();
      await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
