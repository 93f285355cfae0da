import { taskFilterSchema } from '#lib/contract/tasks.ts';
import { json } from '#server/http/respond.ts';
import { answerTasks, taskParameters } from '#server/http/task-answer.ts';

/** Failed tasks under a filter, grouped by exception and name. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(taskFilterSchema.safeParse(taskParameters(request)), async (tasks, filter, now) =>
    json(await tasks.failures(filter, now)),
  );
}
