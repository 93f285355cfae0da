import { auditExportSchema } from '#lib/contract/audit.ts';
import { answerAudit } from '#server/http/audit-answer.ts';
import { exportAudit } from '#server/http/audit-export.ts';

/** Every entry under a filter as a file, newest first. */
export function GET(request: Request): Promise<Response> {
  return answerAudit(request, auditExportSchema, async (audit, query) => exportAudit(audit, query));
}
