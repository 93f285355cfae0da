import { taskIdSchema } from '#lib/contract/task-requests.ts';
import { taskIdOf } from '#lib/routes.ts';
import { json, problem } from '#server/http/respond.ts';
import { answerTasks } from '#server/http/task-answer.ts';

/** One task with all that is known of it, and the tasks of its workflow. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(taskIdSchema.safeParse(taskIdOf(new URL(request.url).pathname)), async (tasks, known, now) => {
    const found = await tasks.task(known);
    if (found === null) return problem(404, 'TASK_UNKNOWN', `No task ${known} is kept here.`);
    return json({ now, ...found });
  });
}
