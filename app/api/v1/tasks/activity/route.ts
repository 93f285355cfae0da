import { activityQuerySchema } from '#lib/contract/task-requests.ts';
import { json, problem } from '#server/http/respond.ts';
import { answerTasks, taskParameters } from '#server/http/task-answer.ts';

const HOUR_MS = 3_600_000;

/** Tasks per bucket of time under a filter: between `from` and `to`, else the hour before `to`, or before now. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(activityQuerySchema.safeParse(taskParameters(request)), async (tasks, query, now) => {
    const { buckets, ...filter } = query;
    const to = filter.to ?? now;
    const from = filter.from ?? to - HOUR_MS;
    if (from >= to) return problem(400, 'INVALID_QUERY', 'from: must be before to');
    return json(await tasks.activity(filter, { from, to, buckets }, now));
  });
}
