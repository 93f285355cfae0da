/** The audit as a file, page by page: memory holds one page, and a reader that goes away stops the reading. */
import { AUDIT_LIMIT, type AuditFilter } from '#lib/contract/audit.ts';
import { type AuditExportFormat, auditHead, auditRows, auditTail } from '#lib/format/audit.ts';
import type { Audit } from '#server/audit/audit.ts';

const TYPES: Readonly<Record<AuditExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  json: 'application/json; charset=utf-8',
};

/** The whole audit under a filter as a download. A file that fails on the way breaks it off: a part never looks whole. */
export async function exportAudit(
  audit: Audit,
  { format, ...filter }: AuditFilter & { format: AuditExportFormat },
): Promise<Response> {
  const pieces = auditPieces(audit, format, filter);
  // What cannot be read at all fails before anything is sent.
  const first = await pieces.next();
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      if (!first.done) controller.enqueue(encoder.encode(first.value));
    },
    async pull(controller) {
      const { value, done } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(encoder.encode(value));
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="audit.${format}"`,
      'cache-control': 'no-store',
    },
  });
}

/** The pieces of such a file, newest entry first. @throws Error with code AUDIT_UNAVAILABLE */
export async function* auditPieces(
  audit: Pick<Audit, 'page'>,
  format: AuditExportFormat,
  filter: AuditFilter,
): AsyncGenerator<string, undefined> {
  let before: number | undefined;
  let isFirst = true;
  do {
    const { entries, next } = await audit.page({ ...filter, limit: AUDIT_LIMIT.max, before });
    yield `${isFirst ? auditHead(format) : ''}${auditRows(format, entries, isFirst)}`;
    isFirst = false;
    before = next ?? undefined;
  } while (before !== undefined);
  yield auditTail(format);
}
