import { flowerResponse } from '#server/http/flower-answer.ts';

/** Flower's questions: `server/flower/README.md` lists them. */
export function GET(request: Request): Promise<Response> {
  return flowerResponse(request);
}

/** Flower's commands; they pass the gate, with a token. */
export function POST(request: Request): Promise<Response> {
  return flowerResponse(request);
}
