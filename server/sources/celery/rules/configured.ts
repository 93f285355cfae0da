/** What the findings about the set-up of workers share. Pure. */
import { someOf } from '#lib/format/list.ts';
import type { Advice } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { WorkerConfig } from '#lib/model/worker-config.ts';
import type { Found } from '#server/model/rule.ts';
import { intakeSubject, intakes, onlineWorkers } from './shared.ts';

/** The set-ups of the worker processes that run now, in the order of their names. */
export function configured(model: Model, now: number): WorkerConfig[] {
  return onlineWorkers(model, now).flatMap(({ id, pid }) => {
    const config = Object.hasOwn(model.workerConfigs, id) ? model.workerConfigs[id] : undefined;
    if (config === undefined || !isCurrent(model.readings[config.by], now)) return [];
    // Another process of that name may be set up otherwise.
    return config.pid === null || pid === null || config.pid === pid ? [config] : [];
  });
}

/** One finding for all workers that are set up like this; `is` is said after their names, `says` of each. */
export function foundOf(
  configs: readonly WorkerConfig[],
  { model, now }: { model: Model; now: number },
  words: { text(names: string, isOne: boolean): string; says(config: WorkerConfig): string; advice: Advice },
): Found[] {
  const [intake] = intakes(model, now);
  if (configs.length === 0 || intake === undefined) return [];
  return [
    {
      subject: intakeSubject(intake),
      text: words.text(someOf(configs.map(({ id }) => id)), configs.length === 1),
      evidence: configs.map((one) => ({ by: one.by, says: `${one.id}: ${words.says(one)}` })),
      advice: words.advice,
    },
  ];
}
