/** One bounded HTTP GET, with every refusal named. Used by the sources that read over HTTP. */
import { hash } from 'node:crypto';
import { ProbeError } from './source.ts';

export type HttpRead = {
  headers?: Readonly<Record<string, string>>;
  signal: AbortSignal;
  /** Largest body that is read, in bytes. */
  maxBytes?: number;
  /** Told the size of the body as it travelled, where the server says it. */
  onBytes?: (bytes: number) => void;
  /** A status besides 2xx whose body is an answer too. */
  alsoAccept?: number;
};

const DEFAULT_MAX_BYTES = 32 * 1024 * 1024;

/** The body. @throws ProbeError for a refusal or an oversized body. */
export async function getBody(url: string, read: HttpRead): Promise<Buffer> {
  const response = await fetch(url, { headers: headersOf(read.headers), signal: read.signal, redirect: 'manual' });
  if (!response.ok && response.status !== read.alsoAccept) {
    await response.body?.cancel();
    throw refusal(response.status, url);
  }
  const body = await bounded(response, read.maxBytes ?? DEFAULT_MAX_BYTES);
  read.onBytes?.(Number(response.headers.get('content-length') ?? body.length));
  return body;
}

/** The body as text. @throws ProbeError as `getBody` */
export async function getText(url: string, read: HttpRead): Promise<string> {
  return (await getBody(url, read)).toString('utf8');
}

/** The body as JSON. @throws ProbeError as `getText`, and `protocol` where it is not JSON. */
export async function getJson(url: string, read: HttpRead): Promise<unknown> {
  return jsonOf(await getBody(url, read), pathOf(url));
}

function jsonOf(body: Buffer, what: string): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ProbeError('protocol', `${what} did not answer with JSON`);
  }
}

/**
 * Parses the bodies of one question, which are JSON unless `read` says otherwise. A body that is byte for byte the last
 * one gives the last result again: long lists rarely change, and parsing ten thousand queues costs more than all the rest.
 */
export function rememberParsed<T>(
  what: string,
  keep: (body: unknown) => T,
  read: (body: Buffer, what: string) => unknown = jsonOf,
): (body: Buffer) => T {
  let last: { digest: string; kept: T } | null = null;
  return (body) => {
    const digest = hash('sha256', body, 'base64');
    if (last?.digest !== digest) last = { digest, kept: keep(read(body, what)) };
    return last.kept;
  };
}

/** Fetch would put a value that cannot be sent, which may be a secret, into its error message. */
function headersOf(headers: HttpRead['headers'] = {}): Headers {
  try {
    return new Headers(headers);
  } catch {
    throw new ProbeError('auth', 'a credential cannot be sent: it has a line break, or a character outside Latin-1');
  }
}

/** What a status besides 2xx means. */
export function refusal(status: number, url: string): ProbeError {
  const path = pathOf(url);
  if (status === 401) return new ProbeError('auth', `${path}: user or password refused (401)`);
  if (status === 403) return new ProbeError('forbidden', `${path}: not permitted (403)`);
  if (status === 404) return new ProbeError('not-found', `${path}: not there (404)`);
  if (status === 429) return new ProbeError('rate-limited', `${path}: too many requests (429)`);
  if (status >= 500) return new ProbeError('server-error', `${path}: answered ${status}`);
  return new ProbeError('protocol', `${path}: answered ${status}`);
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}

async function bounded(response: Response, maxBytes: number): Promise<Buffer> {
  if (response.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new ProbeError('too-large', `${pathOf(response.url)}: more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
