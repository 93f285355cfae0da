/** A drill of the catalog: what it is, what it can be aimed at, and what it does there. `build` and `targets` are pure. */
import type { DrillTarget } from '#lib/contract/drills.ts';
import type { DrillInfo, DrillPlan, GuardCheck, Hypothesis } from '#lib/model/drill.ts';
import type { Forecast } from '#lib/model/forecast.ts';
import type { Model } from '#lib/model/model.ts';
import type { Subject } from '#lib/model/transition.ts';
import type { EstateActions } from '#server/actions/estate-actions.ts';
import type { Call, ExecutorTarget } from './calls.ts';
import type { DrillSettings } from './config.ts';

/** What Trellis may do at all: what its configuration gives it, and what was seen of that. */
export type Means = {
  /** Credentials to act on RabbitMQ. */
  rabbitmq: boolean;
  /** The applications' entrances, which canaries go through. */
  entrances: boolean;
  /** Why a proxy cannot be told anything; null = nothing is known against it. */
  socketProblem(proxy: string): string | null;
  /** Verbs that commands of the configuration give for a target. */
  verbs(target: ExecutorTarget): readonly string[];
  /** The argument vector as it would run. */
  preview(verb: string, target: ExecutorTarget): readonly string[];
};

/** What a plan is made of. `now` is epoch ms. */
export type Scene = { model: Model; now: number; settings: DrillSettings; means: Means };

/** What a run learned on its way, by name; `winner` = the id of who took over, `tookOver` its name. */
export type Facts = Readonly<Record<string, string>>;

/** What a check may look at. */
export type Live = {
  model: Model;
  now: number;
  /** When this step began. */
  startedAt: number;
  facts: Facts;
  actions: EstateActions;
  signal: AbortSignal;
};

/** How far a step is: what was seen, or what is waited for; `learned` is kept for the steps after it. */
export type Progress = { done: boolean; says: string; learned?: Facts };

export type Step = {
  id: string;
  title: string;
  limitMs: number;
  isPointOfNoReturn?: boolean;
  /** The fault, or the switch, begins with it. */
  isFault?: boolean;
  /** Past its limit the run goes on: it was only watched. */
  isPatient?: boolean;
  /** Lanes are done at the same time, the calls of a lane one after the other. */
  calls(facts: Facts): readonly (readonly Call[])[];
  /** What takes it back; stored before it is done. */
  undo(facts: Facts): readonly Call[];
  /** The steps of which nothing is to be taken back once this one is done. */
  settles?: readonly string[];
  /** Asked again and again until it is done; absent = done when the calls are. */
  check?(live: Live): Progress | Promise<Progress>;
};

/** One guard, aimed: pure. */
export type Guard = (scene: Scene) => GuardCheck;

/** A drill aimed at a target. */
export type Aimed = {
  hypothesis: Hypothesis;
  steps: readonly Step[];
  timeline: DrillPlan['timeline'];
  warnings: readonly string[];
  /** What must hold before it begins, besides what every drill asks for. */
  guards: readonly Guard[];
  /** What must go on holding while it runs. */
  holds: readonly Guard[];
  /** Id of the step from which on nothing is gained by stopping: what was done is being ended; absent = the holds hold to the end. */
  holdsUntil?: string;
  /** The readings that the plan rests on. */
  evidence: readonly string[];
  /** What it disturbs: everything else must stay up meanwhile. */
  disturbs: readonly Subject[];
  /** What fails, for the forecast; null = nothing that the forecast knows. */
  failing: Subject | null;
  /** What it touches that the forecast knows nothing of, in sentences; absent = nothing. */
  touches?: readonly string[];
};

export type Drill = {
  info: DrillInfo;
  /** The likeliest first. */
  targets(scene: Scene): readonly DrillTarget[];
  /** null = it is not there, or cannot be told who would be hit. */
  aim(target: string, scene: Scene): Aimed | null;
};

/** The forecast of losing this, where there is one. */
export function forecastOfLoss(failing: Subject | null, model: Model): Forecast | null {
  return failing === null ? null : (model.forecasts[`${failing.kind}/${failing.id}`] ?? null);
}
