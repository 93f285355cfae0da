/** The body of a write in Flower's dialect: a form or JSON, of a bounded size, sent in a bounded time. */
import { FlowerError } from './text.ts';

/** The bounds of the gate. */
const LIMITS = { bytes: 65_536, timeMs: 10_000 } as const;

/** The body as text. @throws FlowerError 413 or 408 */
export async function bodyText(request: Request, limits: { bytes: number; timeMs: number } = LIMITS): Promise<string> {
  const reader = request.body?.getReader();
  if (reader === undefined) return '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    const slow = new FlowerError(408, `Send the body within ${limits.timeMs / 1_000} s`);
    timer = setTimeout(() => reject(slow), limits.timeMs);
  });
  try {
    return await Promise.race([textOf(reader, limits.bytes), tooSlow]);
  } finally {
    clearTimeout(timer);
    // What was not read is not waited for.
    reader.cancel().catch(() => undefined);
  }
}

async function textOf(reader: ReadableStreamDefaultReader<Uint8Array>, bytesMax: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    bytes += read.value.byteLength;
    if (bytes > bytesMax) throw new FlowerError(413, `A body has ${bytesMax} bytes at most`);
    text += decoder.decode(read.value, { stream: true });
  }
  return text + decoder.decode();
}

/** True for the body of an HTML form; Flower reads parameters from no other. */
export function isForm(request: Request): boolean {
  return /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(request.headers.get('content-type') ?? '');
}
