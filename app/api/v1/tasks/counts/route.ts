import { taskFilterSchema } from '#lib/contract/tasks.ts';
import { json } from '#server/http/respond.ts';
import { answerTasks, taskParameters } from '#server/http/task-answer.ts';

/** How many tasks match a filter, by state. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(taskFilterSchema.safeParse(taskParameters(request)), async (tasks, filter, now) =>
    json(await tasks.counts(filter, now)),
  );
}
