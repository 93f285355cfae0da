import { retrySchema } from '#lib/contract/control.ts';
import { ACT_STATUSES, begun } from '#server/commands/act.ts';
import { answerAct } from '#server/commands/answer-act.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { previewRetry, retryTask } from '#server/commands/retry-task.ts';
import { taskTarget } from '#server/commands/revoke-task.ts';
import { gated } from '#server/http/gate.ts';
import { json } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** What a retry would do; `queue` = instead of the task's own. */
export function GET(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const queue = new URL(request.url).searchParams.get('queue') || null;
  return answerAct(request, { action: null, target: taskTarget(id) }, async (context) =>
    json(await previewRetry(context, id, queue)),
  );
}

/** Runs the task of the address again. */
export function POST(request: Request): Promise<Response> {
  const id = pathStep(request, 1) ?? '';
  const target = () => taskTarget(id);
  const rule = { action: 'task.retry', schema: retrySchema, target, statuses: ACT_STATUSES } as const;
  return gated(request, rule, async (gate) => begun(runtime(), await retryTask(runtime(), id, gate)));
}
