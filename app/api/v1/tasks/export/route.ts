import { exportQuerySchema } from '#lib/contract/task-requests.ts';
import { answerTasks, taskParameters } from '#server/http/task-answer.ts';
import { exportTasks } from '#server/http/task-export.ts';

/** Every task under a filter as a file, up to a limit of rows; its headers tell how many to expect. */
export function GET(request: Request): Promise<Response> {
  return answerTasks(exportQuerySchema.safeParse(taskParameters(request)), exportTasks);
}
