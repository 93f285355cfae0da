import { acknowledgeSchema, withdrawSchema } from '#lib/contract/findings.ts';
import { acknowledgeFinding, withdrawAcknowledgement } from '#server/commands/acknowledge-finding.ts';
import { readJson } from '#server/http/request.ts';
import { json, problem } from '#server/http/respond.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Somebody is on a finding. */
export async function POST(request: Request): Promise<Response> {
  const read = await readJson(request, acknowledgeSchema);
  return 'refused' in read ? read.refused : answer(acknowledgeFinding(runtime(), read.body));
}

/** Nobody is on it any more. */
export async function DELETE(request: Request): Promise<Response> {
  const read = await readJson(request, withdrawSchema);
  return 'refused' in read ? read.refused : answer(withdrawAcknowledgement(runtime(), read.body));
}

const STATUS: Readonly<Record<string, number>> = { FINDING_UNKNOWN: 404, HISTORY_UNAVAILABLE: 503 };

async function answer(work: Promise<object>): Promise<Response> {
  try {
    return json(await work);
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    const status = STATUS[code];
    if (status === undefined) throw error;
    return problem(status, code, message);
  }
}
