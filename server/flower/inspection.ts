/** What workers said of themselves when they were last asked, kept as Flower keeps it. */
import { EVERY_WORKER } from '#lib/contract/control.ts';
import type { Inspections } from '#server/commands/inspections.ts';

/** What Flower asks; each answer stands under the name of its question. */
const QUESTIONS = [
  'stats',
  'active_queues',
  'registered',
  'scheduled',
  'active',
  'reserved',
  'revoked',
  'conf',
] as const;

/** One worker's answers, and when they came (`timestamp`, epoch s). What it did not answer is absent. */
export type Inspection = { timestamp: number } & Readonly<Record<string, unknown>>;

export type KeptAnswers = {
  /** By node name. */
  known(): ReadonlyMap<string, Inspection>;
  /** Asks one worker, null = all. @throws as `Inspections.ask`; what was known stays */
  refresh(worker: string | null): Promise<void>;
};

/** Nothing is asked before the first `refresh`; `clock` gives epoch ms. */
export function keepAnswers(inspections: Inspections, clock: () => number): KeptAnswers {
  const known = new Map<string, Inspection>();
  return {
    known: () => known,
    async refresh(worker) {
      const asked = QUESTIONS.map((method) => inspections.ask(worker ?? EVERY_WORKER, { method }));
      const answers = (await Promise.all(asked)).map(({ replies }) => replies);
      const timestamp = clock() / 1_000;
      for (const node of new Set(answers.flatMap((one) => Object.keys(one)))) {
        const told = QUESTIONS.flatMap((method, i) => {
          const said = answers[i] ?? {};
          return Object.hasOwn(said, node) ? [[method, said[node]] as const] : [];
        });
        known.set(node, { ...Object.fromEntries(told), timestamp });
      }
    },
  };
}

const kept = new WeakMap<Inspections, KeptAnswers>();

/** The answers that are kept of these inspections. */
export function keptAnswersOf(inspections: Inspections, clock: () => number): KeptAnswers {
  const found = kept.get(inspections) ?? keepAnswers(inspections, clock);
  kept.set(inspections, found);
  return found;
}
