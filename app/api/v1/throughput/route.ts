import { throughputQuerySchema } from '#lib/contract/throughput.ts';
import { answerTasks } from '#server/http/task-answer.ts';
import { throughputResponse } from '#server/http/throughput-answer.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Tasks over time: ten minutes, an hour or a week, by state, name, queue or worker. */
export function GET(request: Request): Promise<Response> {
  const query = throughputQuerySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  return answerTasks(query, (tasks, asked, now) => throughputResponse(runtime(), tasks, asked, now));
}
