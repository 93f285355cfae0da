/** Tasks as a file, page by page, each read when it is asked for: whoever goes away stops the reading. */

import { EXPORT_HEADERS, EXPORT_ROWS_MAX, type ExportFormat, type ExportQuery } from '#lib/contract/task-requests.ts';
import { TASK_LIMIT } from '#lib/contract/tasks.ts';
import { exportHead, exportRows, exportTail } from '#lib/format/task-export.ts';
import type { TaskReader } from '#server/history/tasks/store.ts';

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/**
 * The whole list as a download; `rowsMax` rows at most. What matches is counted first, so a bad search fails before
 * anything is sent. A store that fails on the way breaks the download off, so that a part never looks whole.
 */
export async function exportTasks(
  tasks: TaskReader,
  { format, sort, ...filter }: ExportQuery,
  now: number,
  rowsMax = EXPORT_ROWS_MAX,
): Promise<Response> {
  const { total, exact } = await tasks.counts(filter, now);
  const pieces = piecesOf(tasks, { format, sort, ...filter }, now, rowsMax);
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      const { value, done } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
  });
  return new Response(body, {
    headers: {
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="tasks.${format}"`,
      'cache-control': 'no-store',
      [EXPORT_HEADERS.total]: String(total),
      [EXPORT_HEADERS.exact]: exact ? 'yes' : 'no',
      [EXPORT_HEADERS.limit]: String(rowsMax),
    },
  });
}

async function* piecesOf(
  tasks: TaskReader,
  { format, sort, ...filter }: ExportQuery,
  now: number,
  rowsMax: number,
): AsyncGenerator<string, undefined> {
  yield exportHead(format);
  let after: string | null = null;
  let written = 0;
  do {
    const limit = Math.min(TASK_LIMIT.max, rowsMax - written);
    const page = await tasks.tasks({ ...filter, sort, limit, ...(after === null ? {} : { after }) }, now);
    if (page.tasks.length > 0) yield exportRows(format, page.tasks, written === 0);
    written += page.tasks.length;
    after = page.next;
  } while (after !== null && written < rowsMax);
  yield exportTail(format);
}
