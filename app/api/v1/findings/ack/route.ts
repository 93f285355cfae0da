import { acknowledgeSchema, withdrawSchema } from '#lib/contract/findings.ts';
import { acknowledgeFinding, withdrawAcknowledgement } from '#server/commands/acknowledge-finding.ts';
import { gated } from '#server/http/gate.ts';
import { runtime } from '#server/runtime/slot.ts';

const action = 'finding.acknowledge';
const target = ({ id }: { id: string }) => `findings/${id}`;
const statuses = { FINDING_UNKNOWN: 404, HISTORY_UNAVAILABLE: 503 };

/** Somebody is on a finding. */
export function POST(request: Request): Promise<Response> {
  const schema = acknowledgeSchema.omit({ reason: true });
  return gated(request, { action, schema, target, statuses }, async ({ body: wish, reason }) => {
    const body = await acknowledgeFinding(runtime(), { ...wish, reason });
    return { body, outcome: 'done', details: body };
  });
}

/** Nobody is on it any more. */
export function DELETE(request: Request): Promise<Response> {
  return gated(request, { action, schema: withdrawSchema, target, statuses }, async ({ body: wish }) => {
    const body = await withdrawAcknowledgement(runtime(), wish);
    return { body, outcome: 'done', details: body };
  });
}
