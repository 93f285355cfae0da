/** The reading of how workers are set up, and what it becomes. Pure. */
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import type { ConfigsPayload } from '#server/ingest/config-watch.ts';
import { answersTo, type Latest } from '#server/model/fold.ts';

/** Its name; each of its entries has its own age. */
export const CONFIGS = 'configs';

/** The set-ups by the workers' names. */
export function workerConfigsOf(latest: readonly Latest[]): Record<string, WorkerConfig> {
  const [reading] = answersTo<ConfigsPayload>(latest, CONFIGS);
  const configs = [...(reading?.data ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
  return Object.fromEntries(configs.map((one) => [one.id, { ...one, by: reading?.by ?? '' }]));
}
