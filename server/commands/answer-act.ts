/** Answers what changes nothing and yet is not for everybody: who asks, whether they may, and the problems of commands. */
import type { ActionId } from '#lib/permissions.ts';
import { admit, mayNot } from '#server/http/pass-gate.ts';
import { problem } from '#server/http/respond.ts';
import { type Runtime, runtime } from '#server/runtime/slot.ts';
import { ACT_STATUSES } from './act.ts';

/** `action` = what the caller must be allowed to do; null = to look is enough. */
export async function answerAct(
  request: Request,
  { action, target }: { action: ActionId | null; target: string },
  respond: (context: Runtime) => Promise<Response>,
): Promise<Response> {
  const context = runtime();
  const caller = await admit(context, request, action);
  if (caller instanceof Response) return caller;
  const refusal = action === null ? null : await mayNot(context, request, { ...caller, action, target, reason: '' });
  if (refusal !== null) return refusal;
  try {
    return await respond(context);
  } catch (error) {
    const { code, message } = error as { code?: unknown; message: string };
    if (typeof code !== 'string' || !Object.hasOwn(ACT_STATUSES, code)) throw error;
    return problem(ACT_STATUSES[code as keyof typeof ACT_STATUSES], code, message);
  }
}
