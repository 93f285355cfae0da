import { inspectQuerySchema } from '#lib/contract/control.ts';
import { answerAct } from '#server/commands/answer-act.ts';
import { inspectWorker } from '#server/commands/inspect-worker.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { json, problem } from '#server/http/respond.ts';

/** Asks the worker of the address, or all: it reads, but sends a message to workers, and needs the permission for that. */
export function GET(request: Request): Promise<Response> {
  const worker = pathStep(request, 1) ?? '';
  return answerAct(request, { action: 'worker.inspect', target: `workers/${worker}` }, async (ctx) => {
    const { searchParams } = new URL(request.url);
    const { id: _, ...single } = Object.fromEntries(searchParams);
    const ids = searchParams.getAll('id');
    const query = inspectQuerySchema.safeParse(ids.length === 0 ? single : { ...single, id: ids });
    if (!query.success)
      return problem(400, 'INVALID_QUERY', query.error.issues.map(({ message }) => message).join('; '));
    return json(await inspectWorker(ctx, worker, query.data));
  });
}
