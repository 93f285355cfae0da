/** Flower's dialect on the running Trellis. */
import { answerFlower } from '#server/flower/answer.ts';
import { runtime } from '#server/runtime/slot.ts';

/** Answers a request under `/flower/`. */
export function flowerResponse(request: Request): Promise<Response> {
  return answerFlower(runtime(), request);
}
