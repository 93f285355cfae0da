import type { OperationAnswer } from '#lib/contract/control.ts';
import { operationOf } from '#server/commands/abort-operation.ts';
import { answerAct } from '#server/commands/answer-act.ts';
import { pathStep } from '#server/commands/path-step.ts';
import { json } from '#server/http/respond.ts';

/** How far an operation is. */
export function GET(request: Request): Promise<Response> {
  return answerAct(request, { action: null, target: 'operations' }, async (context) => {
    const operation = operationOf(context, pathStep(request, 0) ?? '');
    return json({ now: context.clock(), operation } satisfies OperationAnswer);
  });
}
