import { auditQuerySchema } from '#lib/contract/audit.ts';
import { answerAudit } from '#server/http/audit-answer.ts';
import { json } from '#server/http/respond.ts';

/** A page of the audit, newest first, and how far its chain was checked. */
export function GET(request: Request): Promise<Response> {
  return answerAudit(request, auditQuerySchema, async (audit, query) => {
    const [page, chain] = await Promise.all([audit.page(query), audit.chain()]);
    return json({ ...page, chain });
  });
}
