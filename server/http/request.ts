/** What every write must bring: JSON, of a bounded size, from a page of this server. */
import type { z } from 'zod';
import { problem } from './respond.ts';

const BODY_LIMIT_BYTES = 65_536;

/**
 * The parsed body of a write, or the problem to answer with. A browser that was sent here by another site is refused:
 * it tells so in `Sec-Fetch-Site`, older ones in `Origin`; what sends neither is no browser.
 */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
): Promise<{ body: z.infer<S> } | { refused: Response }> {
  if (isCrossSite(request)) return refused(403, 'CROSS_SITE', 'Writes are taken from pages of this server only.');
  if (!/^application\/json\b/i.test(request.headers.get('content-type') ?? ''))
    return refused(415, 'NOT_JSON', 'Send JSON, with content-type: application/json.');
  const text = await limitedText(request);
  if (text === null) return refused(413, 'TOO_LARGE', `A body has ${BODY_LIMIT_BYTES} bytes at most.`);
  const parsed = schema.safeParse(jsonOf(text));
  if (parsed.success) return { body: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  return refused(400, 'INVALID_BODY', issues.join('; '));
}

function refused(status: number, code: string, detail: string): { refused: Response } {
  return { refused: problem(status, code, detail) };
}

function isCrossSite(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = request.headers.get('origin');
  return origin !== null && originHost(origin) !== request.headers.get('host');
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

async function limitedText(request: Request): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_LIMIT_BYTES) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
