/** What the routes of drills answer, as schemas; checked against the types. */
import { z } from 'zod';
import {
  DRILL_IDS,
  DRILL_PATHS,
  DRILL_RISKS,
  type DrillPlan,
  GUARD_LEVELS,
  type Hypothesis,
  RUN_STATES,
  RUN_VERDICTS,
  type Run,
  STEP_STATES,
} from '#lib/model/drill.ts';
import { SEVERITIES } from '#lib/model/finding.ts';
import { KINDS } from '#lib/model/model.ts';
import type { DrillPlanAnswer, DrillsAnswer, ListedRun, RunAnswer, RunsAnswer } from './drills.ts';

const text = z.string();
const texts = z.array(text).readonly();
const count = z.number().int();
const time = z.number().describe('epoch milliseconds');
const verdict = z.enum(RUN_VERDICTS).nullable();
const outageMs = z.record(z.enum(DRILL_PATHS), z.number().nullable());

const hypothesis: z.ZodType<Hypothesis> = z.object({
  ...{ lost: count.nullable(), repeated: count.nullable(), resultsLost: count.nullable() },
  ...{ outageMs, winner: text, because: text.nullable() },
});
const check = z.object({
  ...{ id: text, level: z.enum(GUARD_LEVELS), text, by: texts, ageMs: z.number().nullable() },
});
const plan: z.ZodType<DrillPlan> = z.object({
  ...{
    drill: z.enum(DRILL_IDS),
    target: text.nullable(),
    at: time,
    stateHash: text,
    checks: z.array(check),
    hypothesis,
  },
  steps: z.array(
    z.object({
      ...{ id: text, title: text, calls: texts, undo: texts, limitMs: z.number(), isPointOfNoReturn: z.boolean() },
    }),
  ),
  timeline: z.array(z.object({ afterMs: z.number(), text })),
  ...{ radius: texts, canaryQueues: texts, warnings: texts },
});
const ledger = z.object({
  ...{ published: count, confirmed: count, executed: count, lost: count, repeated: count },
  ...{ resultsLost: count, open: count, delayed: count, unconfirmed: count.optional() },
});
const listedRun = z.object({
  ...{ id: text, drill: z.enum(DRILL_IDS), target: text.nullable(), actor: text, reason: text },
  ...{ state: z.enum(RUN_STATES), verdict, because: texts, startedAt: time, faultAt: time.nullable() },
  ...{ endedAt: time.nullable(), ledger, undoLeft: texts },
  unmeasured: z.array(z.enum(DRILL_PATHS)).readonly().optional(),
  steps: z.array(
    z.object({
      ...{ id: text, title: text, limitMs: z.number(), state: z.enum(STEP_STATES), says: text },
      ...{ startedAt: time.nullable(), endedAt: time.nullable() },
    }),
  ),
  outages: z.array(
    z.object({ path: z.enum(DRILL_PATHS), from: time, to: time.nullable(), ms: z.number(), errorMs: z.number() }),
  ),
}) satisfies z.ZodType<ListedRun>;
const run = listedRun.extend({
  checks: z.array(check),
  marks: z.array(z.object({ at: time, by: text, text })),
}) satisfies z.ZodType<Run>;
const finding = z.object({
  ...{ id: text, code: text, severity: z.enum(SEVERITIES), text },
  caused: z.boolean().optional().describe('the run itself brought it about'),
});
const trendPoint = z.object({
  ...{ run: text, at: time, verdict, outageMs, lost: count, repeated: count, resultsLost: count },
});
const entry = z.object({
  ...{ id: z.enum(DRILL_IDS), title: text, proves: text, risk: z.enum(DRILL_RISKS), targetKind: text.nullable() },
  ...{ needsExecutor: z.boolean(), hypothesis, disabled: text.nullable() },
  targets: z.array(z.object({ kind: z.enum(KINDS), id: text, name: text, role: text, host: text.nullable() })),
  ...{ last: trendPoint.nullable(), trend: z.array(trendPoint) },
});
const compared = z.object({
  ...{ id: text, what: text, mine: text, other: text, change: z.enum(['better', 'worse', 'same']).nullable() },
});

export const drillsAnswerSchema: z.ZodType<DrillsAnswer> = z.object({
  ...{ now: time, drills: z.array(entry), active: run.nullable() },
});
export const drillPlanAnswerSchema: z.ZodType<DrillPlanAnswer> = z.object({ now: time, plan });
export const runsAnswerSchema: z.ZodType<RunsAnswer> = z.object({ now: time, runs: z.array(listedRun) });
export const runAnswerSchema: z.ZodType<RunAnswer> = z.object({
  ...{ now: time, run, targetName: text, plan, hypothesis, changed: texts, sentences: texts },
  findings: z.object({ before: z.array(finding), during: z.array(finding), after: z.array(finding) }),
  ownTasks: z.object({ inFlight: count, finished: count, orphaned: count, repeated: count }).nullable(),
  schedule: z.object({ missed: count, doubled: count }).nullable(),
  comparison: z.object({ with: text, rows: z.array(compared) }).nullable(),
});
