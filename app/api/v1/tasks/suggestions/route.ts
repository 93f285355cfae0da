import { noParametersSchema } from '#lib/contract/task-requests.ts';
import { json } from '#server/http/respond.ts';
import { answerTasks, taskParameters } from '#server/http/task-answer.ts';

/** What tasks can be filtered by. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(noParametersSchema.safeParse(taskParameters(request)), async (tasks, _, now) =>
    json(await tasks.suggestions(now)),
  );
}
