/** One HTTP call to a management API; where several nodes give the same answer, to the first that answers. */
import { type CallLimits, outsideCall, reasonOf } from './outside-call.ts';

/** What is asked. `path` begins with a slash and is encoded; a body goes as JSON. */
export type HttpCall = {
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: unknown;
};
/** Every status but 5xx is an answer; `json` is null where the body is none. */
export type HttpAnswer = { status: number; text: string; json: unknown };

const MAX_BYTES = 32 * 1024 * 1024;

/**
 * Asks the servers of `bases` (URLs without a slash at their end) in turn, each within the limit, until one answers.
 * @throws Error of code ACTION_FAILED that names every address, the command, and why there was no answer
 */
export async function httpCall(bases: readonly string[], call: HttpCall, limits: CallLimits): Promise<HttpAnswer> {
  const failures: string[] = [];
  for (const base of bases) {
    const what = `${new URL(base).host}: ${call.method} ${call.path}`;
    try {
      return await outsideCall(what, limits, (signal) => ask(base, call, signal));
    } catch (error) {
      if (limits.signal.aborted) throw error;
      failures.push(reasonOf(error));
    }
  }
  const why = failures.length > 0 ? failures.join('; ') : `${call.method} ${call.path}: no address is configured`;
  throw Object.assign(new Error(why), { code: 'ACTION_FAILED' });
}

/** `status reason` of a refusal: what the API says for itself, where it does. */
export function refusalOf({ status, text, json }: HttpAnswer): string {
  const told = json as { reason?: unknown; error?: unknown } | null;
  const reason = told?.reason ?? told?.error ?? text;
  return `answered ${status} ${typeof reason === 'string' ? reason : JSON.stringify(reason)}`.trimEnd();
}

async function ask(base: string, { method, path, headers, body }: HttpCall, signal: AbortSignal): Promise<HttpAnswer> {
  const response = await fetch(`${base}${path}`, {
    ...{ method, signal, redirect: 'manual' },
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await bounded(response);
  if (response.status >= 500) throw new Error(refusalOf({ status: response.status, text, json: jsonOf(text) }));
  return { status: response.status, text, json: jsonOf(text) };
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
