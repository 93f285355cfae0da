import { flowerResponse } from '#server/http/flower-answer.ts';

/** The rows of Flower's table of workers, as `?json=1` gives them there. */
export function GET(request: Request): Promise<Response> {
  return flowerResponse(request);
}
