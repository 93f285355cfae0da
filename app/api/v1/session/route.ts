import { answerSession } from '#server/http/session-answer.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Who asks, and what they may do. */
export function GET(request: Request): Response {
  return answerSession(request, runtime());
}
