/** Drills as `npm run drill` has them done: plan, start, follow, call off, take back, over HTTP. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  DrillEntry,
  DrillPlanAnswer,
  DrillsAnswer,
  ListedRun,
  RunAnswer,
  RunsAnswer,
  StartRun,
} from '#lib/contract/drills.ts';
import type { DrillId, DrillPlan, Run } from '#lib/model/drill.ts';
import { routes } from '#lib/routes.ts';

/** A start looks at everything again first. */
const ANSWER_LIMIT_MS = 30_000;
/** What is taken back may be the start of a broker, tried three times. */
const TAKE_BACK_LIMIT_MS = 600_000;
const LOOK_MS = 250;
const PLAN_EVERY_MS = 1_000;

/** Trellis refused; `code` as in its answer, `STATE_CHANGED` or `DRILL_REFUSED` for instance. */
export class DrillRefused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(`${status} ${code}: ${detail}`);
    this.status = status;
    this.code = code;
  }
}

/** How a run is followed. */
export type Following = {
  readonly limitMs: number;
  /** How often it is looked at; 250 ms. 0 = again as soon as there is an answer. */
  readonly everyMs?: number;
  /** Sees every answer, the last one too; true = enough, the run goes on. */
  readonly onLook?: (run: Run) => boolean | undefined;
};

/** The drills of one Trellis. Everything throws `DrillRefused` where Trellis refuses, and Error where it does not answer. */
export type DrillClient = {
  /** The catalog with its targets, and the run under way. */
  readonly catalog: () => Promise<DrillsAnswer>;
  /** A dry run; without a target the likeliest. Nothing is waited for. */
  readonly plan: (drill: DrillId, target?: string | null) => Promise<DrillPlan>;
  /** Plans until nothing stands against it and its canaries have a queue. @throws Error that names what does after `limitMs` */
  readonly clearPlan: (drill: DrillId, target: string | null, limitMs: number) => Promise<DrillPlan>;
  /** Starts what was planned; types the target's name as a person would. */
  readonly start: (plan: DrillPlan, reason: string) => Promise<RunAnswer>;
  /** Plans until it is clear, and starts; plans again where the estate has changed in between. */
  readonly startWhenClear: (drill: DrillId, target: string | null, reason: string, limitMs: number) => Promise<Started>;
  /** The run that was started last, as far as it is stored; null = none ever was. */
  readonly newest: () => Promise<ListedRun | null>;
  /** The run now; its report when it has ended. */
  readonly run: (id: string) => Promise<RunAnswer>;
  /** Looks until the run has ended, or somebody has seen enough. @throws Error that says how far it got after `limitMs` */
  readonly follow: (id: string, following: Following) => Promise<RunAnswer>;
  /** Calls it off; answers at once, while it is taken back. */
  readonly abort: (id: string, reason: string) => Promise<RunAnswer>;
  /** Takes back what a lost run has left; answers when that is done. */
  readonly takeBack: (id: string, reason: string) => Promise<RunAnswer>;
};

/** A run and the plan that it was started from. */
export type Started = { readonly plan: DrillPlan; readonly run: Run };

/** What keeps a plan from being started, in its own sentences. */
export function blocksOf({ checks }: Pick<DrillPlan, 'checks'>): string[] {
  return checks.filter(({ level }) => level === 'block').map(({ text }) => text);
}

/** The drills of the Trellis at `url`; without a token as whoever the configuration takes a nameless one for. */
export function drillClient(url: string, token?: string): DrillClient {
  const ask = <T>(path: string, body?: object, limitMs = ANSWER_LIMIT_MS) =>
    request<T>(`${url}${path}`, { token, body, limitMs });
  const runPath = (id: string) => `${routes.api.runs}/${encodeURIComponent(id)}`;

  async function plan(drill: DrillId, target: string | null = null): Promise<DrillPlan> {
    return (await ask<DrillPlanAnswer>(`${routes.api.drills}/${drill}/plan`, { target })).plan;
  }

  async function clearPlan(drill: DrillId, target: string | null, limitMs: number): Promise<DrillPlan> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const made = await plan(drill, target);
      const hindrances = hindrancesOf(made);
      if (hindrances.length === 0) return made;
      if (performance.now() >= endMs) throw new Error(`${drill} cannot be started: ${hindrances.join(' ')}`);
      await sleep(PLAN_EVERY_MS);
    }
  }

  async function start(made: DrillPlan, reason: string): Promise<RunAnswer> {
    const wish: StartRun & { reason: string } = {
      ...{ drill: made.drill, target: made.target, planHash: made.stateHash },
      ...{ typedTarget: nameOf(made, (await ask<DrillsAnswer>(routes.api.drills)).drills), reason },
    };
    return ask<RunAnswer>(routes.api.runs, wish);
  }

  async function startWhenClear(
    drill: DrillId,
    target: string | null,
    reason: string,
    limitMs: number,
  ): Promise<Started> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const made = await clearPlan(drill, target, Math.max(0, endMs - performance.now()));
      try {
        return { plan: made, run: (await start(made, reason)).run };
      } catch (error) {
        if (!isPassing(error) || performance.now() >= endMs) throw error;
      }
    }
  }

  async function follow(id: string, { limitMs, everyMs = LOOK_MS, onLook }: Following): Promise<RunAnswer> {
    const endMs = performance.now() + limitMs;
    for (;;) {
      const answer = await ask<RunAnswer>(runPath(id));
      const isEnough = onLook?.(answer.run) === true;
      if (isEnough || answer.run.endedAt !== null) return answer;
      if (performance.now() >= endMs) throw new Error(`run ${id} goes on after ${limitMs / 1_000} s: ${where(answer)}`);
      await sleep(everyMs);
    }
  }

  return {
    catalog: () => ask<DrillsAnswer>(routes.api.drills),
    ...{ plan, clearPlan, start, startWhenClear, follow },
    newest: async () => (await ask<RunsAnswer>(`${routes.api.runs}?limit=1`)).runs[0] ?? null,
    run: (id) => ask<RunAnswer>(runPath(id)),
    abort: (id, reason) => ask<RunAnswer>(`${runPath(id)}/abort`, { reason }),
    takeBack: (id, reason) => ask<RunAnswer>(`${runPath(id)}/undo`, { reason }, TAKE_BACK_LIMIT_MS),
  };
}

/** What a bench waits for: a plan made before a worker was seen could be started, but has no canaries and so fewer steps. */
function hindrancesOf(plan: DrillPlan): string[] {
  return plan.canaryQueues.length > 0 ? blocksOf(plan) : [...blocksOf(plan), 'No queue of tasks has a worker yet.'];
}

/** What a person would type. */
function nameOf({ drill, target }: DrillPlan, entries: readonly DrillEntry[]): string {
  return entries.find(({ id }) => id === drill)?.targets.find(({ id }) => id === target)?.name ?? '';
}

/** The plan was overtaken: another one may do. */
function isPassing(error: unknown): boolean {
  return error instanceof DrillRefused && ['STATE_CHANGED', 'DRILL_REFUSED'].includes(error.code);
}

function where({ run }: RunAnswer): string {
  const step = run.steps.findLast(({ startedAt }) => startedAt !== null);
  return step === undefined ? run.state : `${step.title}: ${step.state}. ${step.says}`;
}

type Sending = { readonly token: string | undefined; readonly body: object | undefined; readonly limitMs: number };

async function request<T>(address: string, { token, body, limitMs }: Sending): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const signal = AbortSignal.timeout(limitMs);
  if (body === undefined) return answerOf<T>(await fetch(address, { headers, signal }));
  Object.assign(headers, { 'content-type': 'application/json', 'idempotency-key': randomUUID() });
  return answerOf<T>(await fetch(address, { method: 'POST', headers, body: JSON.stringify(body), signal }));
}

async function answerOf<T>(response: Response): Promise<T> {
  const answer = (await response.json().catch(() => null)) as (T & { code?: string; detail?: string }) | null;
  if (response.ok && answer !== null) return answer;
  throw new DrillRefused(response.status, answer?.code ?? '', answer?.detail ?? 'no answer that can be read');
}
