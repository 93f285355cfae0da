/** What the routes of tasks have in common: reading the filter from the address, and answering for the store. */
import type { TaskReader } from '#server/history/tasks/store.ts';
import { runtime } from '#server/runtime/slot.ts';
import { problem } from './respond.ts';

/** Parameters that may stand several times in an address. */
const REPEATED: ReadonlySet<string> = new Set(['state', 'name', 'worker', 'queue', 'exception']);

/** The parameters as the contract's schemas take them. */
export function taskParameters(request: Request): Record<string, string | string[]> {
  const { searchParams } = new URL(request.url);
  return Object.fromEntries(
    [...new Set(searchParams.keys())].map((name) => [
      name,
      REPEATED.has(name) ? searchParams.getAll(name) : (searchParams.get(name) ?? ''),
    ]),
  );
}

type Parsed<T> = { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
type Issue = { path: PropertyKey[]; message: string };

/**
 * Answers with the task store: 400 `INVALID_QUERY` for parameters that are none, 404 `TASKS_OFF` where no store is configured,
 * 400 `SEARCH_INVALID` (with `position`) for a search that cannot be read, 503 for a store that cannot be read.
 */
export async function answerTasks<T>(
  query: Parsed<T>,
  respond: (tasks: TaskReader, query: T, now: number) => Promise<Response>,
): Promise<Response> {
  if (!query.success) return problem(400, 'INVALID_QUERY', query.error.issues.map(describe).join('; '));
  const { tasks, clock } = runtime();
  if (tasks === null)
    return problem(404, 'TASKS_OFF', 'This Trellis keeps no tasks: trellis.yaml has no section `celery`.');
  try {
    return await respond(tasks, query.data, clock());
  } catch (error) {
    return refusal(error as Error & { code?: unknown; position?: unknown });
  }
}

function refusal(error: Error & { code?: unknown; position?: unknown }): Response {
  const { code, message, position } = error;
  if (code === 'SEARCH_INVALID') return badSearch(message, typeof position === 'number' ? position : null);
  if (code === 'CURSOR_INVALID') return problem(400, code, message);
  if (code === 'HISTORY_UNAVAILABLE') return problem(503, code, message);
  throw error;
}

function badSearch(detail: string, position: number | null): Response {
  const body = { type: 'about:blank', status: 400, code: 'SEARCH_INVALID', detail, position };
  return Response.json(body, {
    status: body.status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

function describe({ path, message }: Issue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}
