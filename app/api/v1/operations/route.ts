import type { OperationsAnswer } from '#lib/contract/control.ts';
import { answerAct } from '#server/commands/answer-act.ts';
import { json } from '#server/http/respond.ts';

/** The operations under way and the last that ended, newest first. */
export function GET(request: Request): Promise<Response> {
  return answerAct(request, { action: null, target: 'operations' }, async ({ operations, clock }) =>
    json({ now: clock(), operations: operations.list() } satisfies OperationsAnswer),
  );
}
