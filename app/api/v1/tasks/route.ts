import { taskQuerySchema } from '#lib/contract/tasks.ts';
import { json } from '#server/http/respond.ts';
import { answerTasks, taskParameters } from '#server/http/task-answer.ts';

/** A page of tasks under a filter. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(taskQuerySchema.safeParse(taskParameters(request)), async (tasks, query, now) =>
    json(await tasks.tasks(query, now)),
  );
}
