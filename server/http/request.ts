/** What every body must be: of a bounded size, sent in a bounded time; here also JSON, from a page of this server. */
import type { z } from 'zod';
import { problem } from './respond.ts';

export type BodyLimits = { bytes: number; timeMs: number };

/** What a body may take unless told otherwise. */
export const BODY_LIMITS: BodyLimits = { bytes: 65_536, timeMs: 10_000 };

type Refused = { refused: Response };

/**
 * The parsed body of a question that is too long for an address and changes nothing, or the problem to answer with.
 * Writes go through the gate.
 */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
): Promise<{ body: z.infer<S> } | Refused> {
  if (isCrossSite(request)) return refused(403, 'CROSS_SITE', 'This is answered to pages of this server only.');
  const read = await readJsonBody(request);
  if ('refused' in read) return read;
  const parsed = schema.safeParse(read.json);
  if (parsed.success) return { body: parsed.data };
  const issues = parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  return refused(400, 'INVALID_BODY', issues.join('; '));
}

/** The body as JSON (undefined where it is none), or the problem to answer with: 415, 413 or 408. */
export async function readJsonBody(
  request: Request,
  limits: BodyLimits = BODY_LIMITS,
): Promise<{ json: unknown } | Refused> {
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers.get('content-type') ?? ''))
    return refused(415, 'NOT_JSON', 'Send JSON, with content-type: application/json.');
  const text = await limitedText(request, limits);
  if (text === 'too large') return refused(413, 'TOO_LARGE', `A body has ${limits.bytes} bytes at most.`);
  if (text === 'too slow') return refused(408, 'TOO_SLOW', `A body is sent within ${limits.timeMs / 1_000} s.`);
  return { json: jsonOf(text.text) };
}

/**
 * Whether another site's page sent the browser here: it tells so in `Sec-Fetch-Site`, older ones in `Origin`. What sends
 * neither is no browser.
 */
export function isCrossSite(request: Request): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site !== 'same-origin' && site !== 'none';
  const origin = request.headers.get('origin');
  return origin !== null && originHost(origin) !== request.headers.get('host');
}

function refused(status: number, code: string, detail: string): Refused {
  return { refused: problem(status, code, detail) };
}

function originHost(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** The body as text, or which limit it broke; what is left of it is not read. */
export async function limitedText(
  request: Request,
  { bytes, timeMs }: BodyLimits,
): Promise<{ text: string } | 'too large' | 'too slow'> {
  if (Number(request.headers.get('content-length') ?? 0) > bytes) return 'too large';
  const reader = request.body?.getReader();
  if (reader === undefined) return { text: '' };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<'too slow'>((resolve) => {
    timer = setTimeout(() => resolve('too slow'), timeMs);
  });
  try {
    return await Promise.race([textOf(reader, bytes), tooSlow]);
  } finally {
    clearTimeout(timer);
    // What was not read is not waited for.
    reader.cancel().catch(() => {});
  }
}

async function textOf(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  bytesMax: number,
): Promise<{ text: string } | 'too large'> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.byteLength;
    if (bytes > bytesMax) return 'too large';
    text += decoder.decode(read.value, { stream: true });
  }
  return { text: text + decoder.decode() };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
