/** The body of a write in Flower's dialect: a form or JSON, within the limits of every body. */
import { BODY_LIMITS, type BodyLimits, limitedText } from '#server/http/request.ts';
import { FlowerError } from './text.ts';

/** The body as text. @throws FlowerError 413 or 408 */
export async function bodyText(request: Request, limits: BodyLimits = BODY_LIMITS): Promise<string> {
  const text = await limitedText(request, limits);
  if (text === 'too large') throw new FlowerError(413, `A body has ${limits.bytes} bytes at most`);
  if (text === 'too slow') throw new FlowerError(408, `Send the body within ${limits.timeMs / 1_000} s`);
  return text.text;
}

/** True for the body of an HTML form; Flower reads parameters from no other. */
export function isForm(request: Request): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}
