import { flowerResponse } from '#server/http/flower-answer.ts';

/** The rows of Flower's table of tasks. */
export function GET(request: Request): Promise<Response> {
  return flowerResponse(request);
}

/** The same question as a form; it changes nothing. */
export function POST(request: Request): Promise<Response> {
  return flowerResponse(request);
}
