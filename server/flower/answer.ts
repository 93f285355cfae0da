/** Flower's dialect: its addresses, and who answers each. */
import type { Identity } from '#lib/permissions.ts';
import { identityOf } from '#server/auth/identity.ts';
import { isCrossSite } from '#server/http/request.ts';
import { bodyText } from './body.ts';
import type { FlowerContext } from './context.ts';
import { asBearer } from './credentials.ts';
import { tasksTable } from './datatable.ts';
import { type Parameters, parametersOf } from './parameters.ts';
import { abortTask, callTask, revokeTask } from './task-writes.ts';
import { listTasks, taskInfo, taskResult, taskTypes } from './tasks.ts';
import { FlowerError, flowerText } from './text.ts';
import { limitWrite, shutdownWorker, workerWrite } from './worker-writes.ts';
import { listWorkers, queueLengths, workersTable } from './workers.ts';
import { flowerWrite, type PrepareWrite } from './write.ts';

/** Answers a question. `name` = what the end of the path names. */
type Read = (asked: {
  context: FlowerContext;
  given: Parameters;
  name: string;
  who: Identity;
}) => Response | Promise<Response>;

/** Questions by the path behind `/flower/`; one that ends in `/` takes a name behind it. */
const READS: Readonly<Record<string, Read>> = {
  'api/workers': ({ context, given, who }) => listWorkers(context, given, who),
  'api/tasks': ({ context, given }) => listTasks(context, given),
  'api/task/types': ({ context }) => taskTypes(context),
  'api/task/info/': ({ context, name }) => taskInfo(context, name),
  'api/task/result/': ({ context, name, given }) => taskResult(context, name, given),
  'api/queues/length': ({ context }) => queueLengths(context),
  workers: ({ context }) => workersTable(context),
  'tasks/datatable': ({ context, given }) => tasksTable(context, given),
};

/** The one question that may also be posted, as its parameters are long. */
const POSTED_READ = 'tasks/datatable';

const WRITES: Readonly<Record<string, PrepareWrite>> = {
  'api/worker/shutdown/': shutdownWorker,
  'api/worker/pool/restart/': workerWrite('pool_restart'),
  'api/worker/pool/grow/': workerWrite('pool_grow'),
  'api/worker/pool/shrink/': workerWrite('pool_shrink'),
  'api/worker/pool/autoscale/': workerWrite('autoscale'),
  'api/worker/queue/add-consumer/': workerWrite('add_consumer'),
  'api/worker/queue/cancel-consumer/': workerWrite('cancel_consumer'),
  'api/task/apply/': callTask('apply'),
  'api/task/async-apply/': callTask('async-apply'),
  'api/task/send-task/': callTask('send-task'),
  'api/task/abort/': abortTask,
  'api/task/timeout/': limitWrite('time_limit'),
  'api/task/rate-limit/': limitWrite('rate_limit'),
  'api/task/revoke/': revokeTask,
};

/** Answers whatever is asked under `/flower/`. Never throws for what a caller or a backend did. */
export async function answerFlower(context: FlowerContext, request: Request): Promise<Response> {
  try {
    const path = pathOf(request);
    const write = entryAt(WRITES, path);
    const read = entryAt(READS, path);
    if (request.method === 'POST' && write !== null)
      return await flowerWrite(context, request, write.name, write.entry);
    if (read === null)
      return flowerText(write === null ? 404 : 405, write === null ? 'Not Found' : 'Method Not Allowed');
    if (request.method === 'POST' && path !== POSTED_READ) return flowerText(405, 'Method Not Allowed');
    return await answerRead(context, request, read);
  } catch (error) {
    return answerError(error as Error & { code?: unknown });
  }
}

async function answerRead(
  context: FlowerContext,
  request: Request,
  { entry, name }: { entry: Read; name: string },
): Promise<Response> {
  // It may ask workers, which a page of another site must not make it do.
  if (isCrossSite(request)) return flowerText(403, 'This is not answered to pages of other sites');
  const found = identityOf(asBearer(request), context);
  if ('fault' in found) return flowerText(found.status, found.detail);
  const form = request.method === 'POST' ? await bodyText(request) : '';
  return await entry({ context, name, given: parametersOf(request.url, form), who: found.identity });
}

function answerError(error: Error & { code?: unknown }): Response {
  if (error instanceof FlowerError) return flowerText(error.status, error.message);
  if (error.code === 'SEARCH_INVALID')
    return Response.json({ error: error.message }, { status: 400, headers: { 'cache-control': 'no-store' } });
  if (error.code === 'HISTORY_UNAVAILABLE') return flowerText(503, error.message);
  throw error;
}

/** Without `/flower/`, decoded. @throws FlowerError 400 */
function pathOf(request: Request): string {
  const path = new URL(request.url).pathname.replace(/^\/flower\//, '').replace(/(.)\/$/, '$1');
  try {
    return decodeURIComponent(path);
  } catch {
    throw new FlowerError(400, 'The path is badly escaped');
  }
}

function entryAt<T>(entries: Readonly<Record<string, T>>, path: string): { entry: T; name: string } | null {
  for (const [start, entry] of Object.entries(entries)) {
    if (path === start) return start.endsWith('/') ? null : { entry, name: '' };
    if (start.endsWith('/') && path.startsWith(start)) return { entry, name: path.slice(start.length) };
  }
  return null;
}
