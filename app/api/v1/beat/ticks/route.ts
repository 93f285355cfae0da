import { beatTicksQuerySchema } from '#lib/contract/beat.ts';
import { beatTicksResponse } from '#server/http/beat-ticks.ts';
import { answerTasks } from '#server/http/task-answer.ts';
import { runtime } from '#server/runtime/slot.ts';

/** What beat sent in the last minutes: schedules with their last and next ticks, missed and doubled slots. */
export function GET(request: Request): Promise<Response> {
  const query = beatTicksQuerySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  return answerTasks(query, (tasks, { minutes }, now) => beatTicksResponse(runtime(), tasks, minutes, now));
}
