/** Names what went wrong in a probe: from the errors of fetch, sockets and clients to one short list of codes. */
import { PROBE_CODES, type ProbeCode } from '#lib/model/reading.ts';
import { redact } from '#server/observability/redact.ts';

export type Failure = { code: ProbeCode; message: string };

const SYSTEM_CODES: Readonly<Record<string, ProbeCode>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  UND_ERR_SOCKET: 'reset',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'reset',
  ERR_STREAM_PREMATURE_CLOSE: 'reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
};

/** Errors of parsers, decompression and TLS: somebody answers, but not in the expected language. */
const PROTOCOL_CODES = /^(HPE_|Z_|ERR_SSL|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO)/;

const MESSAGE_LIMIT = 300;

/** The failure behind any thrown value. The message is redacted and bounded. */
export function probeFailure(error: unknown): Failure {
  const chain = causes(error);
  const named = chain.flatMap((one) => {
    const code = codeOf(one);
    return code === undefined ? [] : [{ code, message: describe(one) }];
  });
  // Some clients wrap the deadline into an abort of their own: what is behind it tells more.
  const found = named.find((one) => one.code !== 'aborted') ?? named[0];
  return found ?? { code: 'internal', message: describe(chain.at(-1)) };
}

function codeOf(error: unknown): ProbeCode | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, name } = error as { code?: unknown; name?: unknown };
  if (typeof code === 'string') {
    if ((PROBE_CODES as readonly string[]).includes(code)) return code as ProbeCode;
    const known = SYSTEM_CODES[code];
    if (known !== undefined) return known;
    if (code.startsWith('EAI_')) return 'name-unknown';
    if (PROTOCOL_CODES.test(code)) return 'protocol';
  }
  if (name === 'HTTPParserError') return /EOF/.test(String((error as Error).message)) ? 'reset' : 'protocol';
  if (name === 'TimeoutError') return 'timeout';
  if (name === 'AbortError') return 'aborted';
  return undefined;
}

/** The error and everything behind it: `fetch failed` says nothing, its cause does. */
function causes(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let one = error; one instanceof Error && chain.length < 8; one = one.cause) {
    chain.push(one);
    if (one instanceof AggregateError) chain.push(...one.errors);
  }
  return chain.length > 0 ? chain : [error];
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return redact(text).slice(0, MESSAGE_LIMIT);
}
