import { streamResponse } from '#server/http/stream-response.ts';
import { runtime } from '#server/runtime/slot.ts';

/** The model, live, as server-sent events. */
export function GET(request: Request): Response {
  return streamResponse(runtime().hub, request);
}
