/** Drills: what can be failed over on purpose, the plan of it, its run and its report. Times are epoch milliseconds. */

/** Every drill, in the order of the catalog. */
export const DRILL_IDS = [
  'redis-switch',
  'redis-failover',
  'redis-crash',
  'redis-hang',
  'broker-switch',
  'broker-crash',
  'broker-hang',
  'queue-leader-move',
  'queue-sync',
  'connections-drop',
  'beat-handover',
  'beat-crash',
  'consul-leader',
  'worker-crash',
  'proxy-crash',
  'host-crash',
] as const;
export type DrillId = (typeof DRILL_IDS)[number];

/** How much of it can be taken back: everything, a role that moves back the same way, or nothing. */
export const DRILL_RISKS = ['reversible', 'switch', 'forced'] as const;
export type DrillRisk = (typeof DRILL_RISKS)[number];

/** The risk of each; who may start it follows from it. */
export const DRILL_RISK: Readonly<Record<DrillId, DrillRisk>> = {
  'redis-switch': 'switch',
  'redis-failover': 'forced',
  'redis-crash': 'forced',
  'redis-hang': 'forced',
  'broker-switch': 'reversible',
  'broker-crash': 'forced',
  'broker-hang': 'forced',
  'queue-leader-move': 'switch',
  'queue-sync': 'reversible',
  'connections-drop': 'switch',
  'beat-handover': 'switch',
  'beat-crash': 'forced',
  'consul-leader': 'switch',
  'worker-crash': 'forced',
  'proxy-crash': 'forced',
  'host-crash': 'forced',
};

/** What tasks go through; outage is measured for each. */
export const DRILL_PATHS = ['publish', 'execute', 'result', 'schedule'] as const;
export type DrillPath = (typeof DRILL_PATHS)[number];

/** What a drill promises. Milliseconds; null = it promises nothing about it. */
export type Hypothesis = {
  /** Confirmed tasks that never ran. */
  lost: number | null;
  /** Tasks that ran more than once. */
  repeated: number | null;
  resultsLost: number | null;
  /** 0 = it is not touched: then `UNTOUCHED_MS` is allowed. */
  outageMs: Readonly<Record<DrillPath, number | null>>;
  /** Who takes over, in words. */
  winner: string;
  /** Why something may be lost, where something may. */
  because: string | null;
};

/** What a busy machine may hold up on a path that a drill does not touch (ms); ticks come once a second at best. */
export const UNTOUCHED_MS: Readonly<Record<DrillPath, number>> = {
  ...{ publish: 1_000, execute: 1_000, result: 1_000, schedule: 2_000 },
};

export type DrillInfo = {
  id: DrillId;
  title: string;
  /** What it proves, in a sentence. */
  proves: string;
  risk: DrillRisk;
  /** Kind of entity that it is aimed at; null = the estate needs no choice. */
  targetKind: string | null;
  /** It needs a command on the host, which the configuration must name. */
  needsExecutor: boolean;
  hypothesis: Hypothesis;
};

export const GUARD_LEVELS = ['pass', 'warn', 'block'] as const;

/** One check before, or while, a drill runs. */
export type GuardCheck = {
  /** Stable, for instance `replica-in-sync`. */
  id: string;
  level: (typeof GUARD_LEVELS)[number];
  /** What was checked and how it came out; names the thing. */
  text: string;
  /** Who said it; empty = Trellis itself. */
  by: readonly string[];
  /** Age of the oldest evidence. */
  ageMs: number | null;
};

/** One step of a plan. */
export type PlanStep = {
  id: string;
  title: string;
  /** The exact calls, as a person would make them. */
  calls: readonly string[];
  /** What takes it back; empty = nothing can. */
  undo: readonly string[];
  limitMs: number;
  /** From here on the roles have moved. */
  isPointOfNoReturn: boolean;
};

export type DrillPlan = {
  drill: DrillId;
  /** Id of what it is aimed at; null = nothing to choose. */
  target: string | null;
  at: number;
  /** Of the state that the plan was made on; the runner compares before it acts. */
  stateHash: string;
  checks: readonly GuardCheck[];
  steps: readonly PlanStep[];
  hypothesis: Hypothesis;
  /** What is expected when, after the first step. */
  timeline: readonly { afterMs: number; text: string }[];
  /** The blast radius, in sentences of the drill and of the forecast. */
  radius: readonly string[];
  /** Where the canaries run. */
  canaryQueues: readonly string[];
  warnings: readonly string[];
};

export const RUN_STATES = ['running', 'undoing', 'ended', 'lost'] as const;
export type RunState = (typeof RUN_STATES)[number];
export const RUN_VERDICTS = ['held', 'broken', 'aborted', 'failed', 'unknown'] as const;
export type RunVerdict = (typeof RUN_VERDICTS)[number];
export const STEP_STATES = ['waiting', 'running', 'done', 'failed', 'undone', 'skipped', 'unknown'] as const;
export type StepState = (typeof STEP_STATES)[number];

export type RunStep = Pick<PlanStep, 'id' | 'title' | 'limitMs'> & {
  state: StepState;
  startedAt: number | null;
  endedAt: number | null;
  /** What was seen, or what is waited for. */
  says: string;
};

/** One outage of one path: from the last canary that was well before to the first that is well after. */
export type Outage = {
  path: DrillPath;
  from: number;
  /** null = goes on. */
  to: number | null;
  ms: number;
  /** The true length lies within ± this. */
  errorMs: number;
};

/** The account of the canaries. */
export type LedgerCount = {
  published: number;
  /** Told by the broker; the publisher knows of the others. */
  confirmed: number;
  executed: number;
  /** Confirmed, never executed. */
  lost: number;
  /** Executed more than once. */
  repeated: number;
  /** Executed, and its result was not found. */
  resultsLost: number;
  /** Not judged yet. */
  open: number;
  /** Confirmed, and took longer than a second. */
  delayed: number;
  /** Not taken, as its publisher was told; absent in records of older versions. */
  unconfirmed?: number | undefined;
};

/** What somebody saw, on the run's one clock. */
export type RunMark = { at: number; by: string; text: string };

export type Run = {
  id: string;
  drill: DrillId;
  target: string | null;
  actor: string;
  reason: string;
  state: RunState;
  verdict: RunVerdict | null;
  /** Why this verdict, in a sentence each. */
  because: readonly string[];
  startedAt: number;
  /** When the fault, or the switch, began. */
  faultAt: number | null;
  endedAt: number | null;
  steps: readonly RunStep[];
  checks: readonly GuardCheck[];
  outages: readonly Outage[];
  /** Paths of which too few signs came to tell whether they were out; absent in records of older versions. */
  unmeasured?: readonly DrillPath[] | undefined;
  /** For so long Trellis itself stood still, and neither published nor looked; absent in records of older versions. */
  stoodStillMs?: number | undefined;
  ledger: LedgerCount;
  marks: readonly RunMark[];
  /** What a `lost` run still has to take back. */
  undoLeft: readonly string[];
};

/** What a report says of changes while the roles have not come to rest. */
export const CHANGES_NOT_TOLD_YET = 'What is another way than before is still being looked at.';
