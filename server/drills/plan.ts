/** Plans: a drill aimed at a target, with its guards judged at one moment. Pure but for a hash. */
import type { DrillTarget } from '#lib/contract/drills.ts';
import { entityName } from '#lib/format/names.ts';
import type { DrillPlan, PlanStep } from '#lib/model/drill.ts';
import type { Model } from '#lib/model/model.ts';
import { workersOf } from '#lib/model/queues.ts';
import type { Subject } from '#lib/model/transition.ts';
import { taskQueuesOf } from './broker-guards.ts';
import { callText } from './calls.ts';
import type { DrillSettings } from './config.ts';
import { type Aimed, type Drill, forecastOfLoss, type Scene, type Step } from './drill.ts';
import { checked, generalGuards } from './guards.ts';
import { hashOf, type State, stateOf } from './state-hash.ts';

/** What is so whatever the drill. */
export type Around = Omit<Parameters<typeof generalGuards>[1], 'queues'>;

/** A plan, and what a runner needs of it. */
export type Planned = {
  plan: DrillPlan;
  /** null = there is nothing to aim at. */
  aimed: Aimed | null;
  target: DrillTarget | null;
  state: State;
};

/** Canaries run for so long before the fault, to learn how it usually is. */
const BASELINE_MS = 3_000;
/** And so long after it, to see the estate at rest again. */
const AFTER_MS = 3_000;

/** The plan at the time of the scene; `target` null = the likeliest. */
export function planOf(drill: Drill, target: string | null, scene: Scene, around: Around): Planned {
  const targets = drill.targets(scene);
  const chosen = target === null ? targets[0] : targets.find(({ id }) => id === target);
  const aimed = chosen === undefined ? null : drill.aim(chosen.id, scene);
  if (chosen === undefined || aimed === null) return nothingToAimAt(drill, chosen?.name ?? target, scene);
  const queues = canaryQueues(scene.model, scene.settings);
  const steps = stepsOf(aimed, queues);
  const plannedSteps = steps.map(planStep);
  const state = stateOf(scene.model, aimed.evidence, scene.now);
  return {
    ...{ aimed: { ...aimed, steps }, target: chosen, state },
    plan: {
      ...{ drill: drill.info.id, target: chosen.id, at: scene.now },
      stateHash: hashOf(state, [drill.info.id, chosen.id, ...plannedSteps.flatMap(({ calls }) => calls)]),
      checks: generalGuards(aimed, { ...around, queues }).map((guard) => guard(scene)),
      steps: plannedSteps,
      ...{ hypothesis: aimed.hypothesis, timeline: aimed.timeline, warnings: aimed.warnings },
      ...{ radius: radiusOf(aimed, scene.model), canaryQueues: scene.means.entrances ? queues : [] },
    },
  };
}

/** Where canaries run: as configured, else one queue of each set of workers. */
export function canaryQueues(model: Model, { canary }: Pick<DrillSettings, 'canary'>): string[] {
  const configured = Object.values(canary.queues);
  if (configured.length > 0) return [...new Set(configured)];
  const sets = new Map<string, string>();
  for (const queue of taskQueuesOf(model)) {
    const workers = workersOf(queue, model.workers).filter(({ goneSince }) => goneSince === null);
    if (workers.length === 0) continue;
    const set = workers.map(({ id }) => id).join(' ');
    if (!sets.has(set)) sets.set(set, queue.name);
  }
  return [...sets.values()];
}

function nothingToAimAt({ info }: Drill, target: string | null, { now }: Scene): Planned {
  const text =
    target === null
      ? 'Nothing is seen that this drill could be aimed at.'
      : `${target} cannot be aimed at: it is not seen, or nobody can tell what it does now.`;
  return {
    ...{ aimed: null, target: null, state: {} },
    plan: {
      ...{ drill: info.id, target: null, at: now, stateHash: hashOf({}, [info.id]) },
      checks: [checked('target', 'block', text)],
      ...{ steps: [], hypothesis: info.hypothesis, timeline: [], radius: [], canaryQueues: [], warnings: [] },
    },
  };
}

/** The drill's own steps, between the time before and the time after. */
function stepsOf({ steps }: Aimed, queues: readonly string[]): Step[] {
  if (queues.length === 0) return [...steps];
  return [
    quiet('before', 'Canaries run, and nothing else happens', BASELINE_MS),
    ...steps,
    quiet('after', 'Canaries meet the estate at rest again', AFTER_MS),
  ];
}

function quiet(id: string, title: string, forMs: number): Step {
  return {
    ...{ id, title, limitMs: forMs + 5_000 },
    calls: () => [],
    undo: () => [],
    check: ({ now, startedAt }) => ({ done: now - startedAt >= forMs, says: 'Canaries run.' }),
  };
}

function planStep(step: Step): PlanStep {
  const { id, title, limitMs, isPointOfNoReturn = false } = step;
  return {
    ...{ id, title, limitMs, isPointOfNoReturn },
    calls: step.calls({}).flat().map(callText),
    undo: step.undo({}).map(callText),
  };
}

function radiusOf({ failing, touches = [] }: Aimed, model: Model): string[] {
  return failing === null ? [...touches] : [...touches, ...costOfLoss(failing, model)];
}

function costOfLoss(failing: Subject, model: Model): string[] {
  const forecast = forecastOfLoss(failing, model);
  const name = entityName(failing.kind, failing.id, model);
  if (forecast === null) return [`What losing ${name} would cost was not forecast yet.`];
  return forecast.effects.length === 0 ? [forecast.reason] : forecast.effects.map(({ text }) => text);
}
