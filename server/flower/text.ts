/** Answers as Flower gives them: JSON objects, and errors as plain text. */

/** What Flower says when it cannot reach what it asks. */
export const UNAVAILABLE = 'Broker or result backend unavailable';
/** What Flower says to every write while it may not write. */
export const READ_ONLY = 'Read only mode is enabled';

/** An error that is answered to the caller as it is. */
export class FlowerError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A JSON answer. */
export function flowerJson(body: object, status = 200): Response {
  return answer(status, JSON.stringify(body), 'application/json; charset=UTF-8');
}

/** An error. Flower calls it HTML; what a caller sent is repeated in it, so here it is text. */
export function flowerText(status: number, text: string): Response {
  return answer(status, text, 'text/plain; charset=UTF-8');
}

function answer(status: number, body: string, type: string): Response {
  return new Response(body, {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
  });
}

/** What an answer came to nothing for: waits for what is asked of the broker or a store, or says so as Flower does. */
export async function reached<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    throw Object.assign(new FlowerError(503, UNAVAILABLE), { cause: error });
  }
}
