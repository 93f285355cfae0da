/** `/api/v1/drills` and `/api/v1/runs`: what can be drilled, what it would do, and what was done. Times are epoch ms. */
import { z } from 'zod';
import {
  DRILL_IDS,
  type DrillInfo,
  type DrillPath,
  type DrillPlan,
  type Hypothesis,
  type Run,
  type RunVerdict,
} from '#lib/model/drill.ts';
import type { Finding } from '#lib/model/finding.ts';
import type { Kind } from '#lib/model/model.ts';

const idSchema = z.string().min(1).max(1_000);

/** What the report of a run can be had as. */
export const RUN_FORMATS = ['json', 'md'] as const;
export type RunFormat = (typeof RUN_FORMATS)[number];

export const RUNS_LIMIT = { default: 100, max: 500 } as const;

/** POST to `/api/v1/drills/{id}/plan`: a dry run. `target` null = the likeliest. */
export const planRequestSchema = z.strictObject({ target: idSchema.nullable().default(null) });
export type PlanRequest = z.infer<typeof planRequestSchema>;

/** POST to `/api/v1/runs`, with a `reason`. */
export const startRunSchema = z.strictObject({
  drill: z.enum(DRILL_IDS),
  target: idSchema.nullable(),
  /** The target's name, typed. */
  typedTarget: z.string().max(1_000),
  /** `stateHash` of the plan that was read. */
  planHash: z.string().min(1).max(100),
});
export type StartRun = z.infer<typeof startRunSchema>;

/** POST to `/api/v1/runs/{id}/abort` and `/api/v1/runs/{id}/undo`, with a `reason`. */
export const abortRunSchema = z.strictObject({});
export const undoRunSchema = z.strictObject({});

/** The parameters of `GET /api/v1/runs`; newest first. */
export const runsQuerySchema = z.strictObject({
  drill: z.enum(DRILL_IDS).optional(),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, 'write a whole number')
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= RUNS_LIMIT.max, `write a number from 1 to ${RUNS_LIMIT.max}`)
    .default(RUNS_LIMIT.default),
});
export type RunsQuery = z.infer<typeof runsQuerySchema>;

const tookMs = z.number().nonnegative().nullable();

const overview = z.object({
  /** When it was measured. */
  at: z.number(),
  rows: z.array(
    z.object({
      workload: z.string().min(1),
      tasks: z.number().int().nonnegative(),
      /** For one broker and one Redis, and for the estate; medians of the rounds, null = not measured. */
      standaloneMs: tookMs,
      estateMs: tookMs,
    }),
  ),
});
/**
 * `GET /api/v1/drills/overview`: what high availability costs while all is well, as `npm run bench -- overview` left it;
 * null = nobody has measured.
 */
export const overviewAnswerSchema = overview.nullable();
export type OverviewAnswer = z.infer<typeof overviewAnswerSchema>;

/** The parameters of `GET /api/v1/runs/{id}`: a format makes a file of it; `with` = another run to compare it to. */
export const runQuerySchema = z.strictObject({
  format: z.enum(RUN_FORMATS).optional(),
  with: idSchema.optional(),
});

/** Something that a drill can be aimed at. */
export type DrillTarget = {
  kind: Kind;
  id: string;
  /** What is typed to confirm. */
  name: string;
  /** `master: redis@host-2`, `leads 3 queues`, …; "" = nothing to say. */
  role: string;
  host: string | null;
};

/** How an earlier run of the drill went. */
export type TrendPoint = {
  run: string;
  at: number;
  verdict: RunVerdict | null;
  /** The longest outage of each path; null = it was not out, or nothing was measured. */
  outageMs: Readonly<Record<DrillPath, number | null>>;
  lost: number;
  repeated: number;
  resultsLost: number;
};

export type DrillEntry = DrillInfo & {
  /** The likeliest first. */
  targets: readonly DrillTarget[];
  /** Why nobody can start it now, whatever the target; null = somebody can. */
  disabled: string | null;
  /** null = it was not run yet. */
  last: TrendPoint | null;
  /** Its runs, oldest first. */
  trend: readonly TrendPoint[];
};

/** `GET /api/v1/drills`, in the order of the catalog. */
export type DrillsAnswer = { now: number; drills: readonly DrillEntry[]; active: Run | null };

/** `POST /api/v1/drills/{id}/plan`. */
export type DrillPlanAnswer = { now: number; plan: DrillPlan };

/** A run in a list: without what everybody saw. */
export type ListedRun = Omit<Run, 'marks' | 'checks'>;
export type RunsAnswer = { now: number; runs: readonly ListedRun[] };

/** The estate's own tasks in the time of a run. */
export type OwnTasks = {
  /** Under way when the fault began. */
  inFlight: number;
  /** Of those: ended, left by a worker that went, and run more than once. */
  finished: number;
  orphaned: number;
  repeated: number;
};

/** What became of the schedule meanwhile. */
export type ScheduleCount = { missed: number; doubled: number };

/** A finding as it was open at a moment of the run; `caused` = the run itself brought it about. */
export type FindingLine = Pick<Finding, 'id' | 'code' | 'severity' | 'text'> & { caused?: boolean | undefined };

/** What a report has beside the run itself. */
export type RunContext = {
  /** What was typed. */
  targetName: string;
  plan: DrillPlan;
  hypothesis: Hypothesis;
  /** Open before the first step, new meanwhile, and open at the end. */
  findings: { before: readonly FindingLine[]; during: readonly FindingLine[]; after: readonly FindingLine[] };
  /** What is another way than before, in sentences. */
  changed: readonly string[];
  /** null = the estate's own tasks are not taken in, or not counted yet. */
  ownTasks: OwnTasks | null;
  /** null = no schedule was seen. */
  schedule: ScheduleCount | null;
};

/** `GET /api/v1/runs/{id}`, and the answer to a start, an abort and an undo. */
export type RunAnswer = RunContext & {
  now: number;
  run: Run;
  /** The report in sentences; the first is the verdict. */
  sentences: readonly string[];
  comparison: RunComparison | null;
};

/** One run beside another. */
export type RunComparison = {
  with: string;
  rows: readonly {
    id: string;
    what: string;
    mine: string;
    other: string;
    change: 'better' | 'worse' | 'same' | null;
  }[];
};

/** The stream's event `run`: the whole run, at most four times a second while it goes on. */
export type RunEvent = { rev: number; run: Run };
