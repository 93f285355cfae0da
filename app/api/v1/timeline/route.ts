import { timelineQuerySchema } from '#lib/contract/timeline.ts';
import { json, problem } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** A page of the timeline: the newest transitions, or those before a cursor, and when Trellis was blind. */
export async function GET(request: Request): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const given: Record<string, string | string[]> = Object.fromEntries(searchParams);
  if (searchParams.has('code')) given.code = searchParams.getAll('code');
  const query = timelineQuerySchema.safeParse(given);
  if (!query.success) return problem(400, 'INVALID_QUERY', query.error.issues.map(describe).join('; '));
  try {
    return json(await runtime().history.timeline(query.data));
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code !== 'HISTORY_UNAVAILABLE') throw error;
    return problem(503, code, message);
  }
}

function describe({ path, message }: { path: PropertyKey[]; message: string }): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
