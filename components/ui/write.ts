/** Writes, as every page does them: once for each intention, however often the network fails on the way. */

/** What the server refused or did not do; `code` is the problem's code, or `UNREACHABLE`. */
export class WriteError extends Error {
  readonly code: string;
  /** HTTP status; null = no answer came. */
  readonly status: number | null;
  /** Id of the write in the audit, where it has one. */
  readonly request: string | null;

  constructor(code: string, message: string, status: number | null, request: string | null) {
    super(message);
    this.name = 'WriteError';
    this.code = code;
    this.status = status;
    this.request = request;
  }
}

export type WriteOptions = {
  method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Idempotency key; without one it is made here and kept until the write was answered. */
  key?: string;
  signal?: AbortSignal;
  /** Waits (ms) before each repetition. */
  waitsMs?: readonly number[];
};

const WAITS_MS = [300, 1_000, 2_000, 4_000] as const;
const KEY_BYTES = 16;

/** Keys of writes that were sent and not answered: sent again with the same words, they are the same write. */
const unanswered = new Map<string, string>();

/** A key for one intention. */
export function newKey(): string {
  // randomUUID is missing where a proxy speaks plain HTTP to the browser.
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Sends a write and gives its answer. Where no answer comes it is sent again under the same key, so that it is done once; given
 * up and sent again by the reader with the same words it is still the same write.
 * @throws WriteError
 */
export async function writeJson<T = unknown>(url: string, body: object, options: WriteOptions = {}): Promise<T> {
  const { method = 'POST', signal, waitsMs = WAITS_MS } = options;
  const text = JSON.stringify(body);
  const intention = `${method} ${url} ${text}`;
  const key = options.key ?? unanswered.get(intention) ?? newKey();
  unanswered.set(intention, key);
  const init: RequestInit = {
    method,
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: text,
    signal: signal ?? null,
  };
  for (let tries = 0; ; tries += 1) {
    const answer = await send(url, init);
    if (answer !== null && !isPassing(answer)) {
      unanswered.delete(intention);
      return bodyOf<T>(answer);
    }
    const waitMs = waitsMs[tries];
    if (waitMs === undefined) throw answer === null ? unreachable() : problemOf(answer);
    await wait(waitMs, signal);
  }
}

type Answer = { status: number; request: string | null; body: { code?: string; detail?: string } | null };

/** null = none came. */
async function send(url: string, init: RequestInit): Promise<Answer | null> {
  try {
    const response = await fetch(url, init);
    const { status, headers } = response;
    const body = JSON.parse(await response.text()) as Answer['body'];
    return { status, request: headers.get('audit-request'), body };
  } catch (error) {
    if (init.signal?.aborted) throw error;
    // Neither a broken connection nor the page of a proxy tells whether it was done.
    return null;
  }
}

/** The first attempt is still at it. */
function isPassing({ body }: Answer): boolean {
  return body?.code === 'IN_PROGRESS';
}

function bodyOf<T>(answer: Answer): T {
  if (answer.status >= 400) throw problemOf(answer);
  return answer.body as T;
}

function problemOf({ status, request, body }: Answer): WriteError {
  const text = body?.detail ?? `the server answered ${status}`;
  return new WriteError(body?.code ?? `HTTP_${status}`, text, status, request);
}

function unreachable(): WriteError {
  const text = 'Trellis does not answer. It may have been done; trying again does not do it twice';
  return new WriteError('UNREACHABLE', text, null, null);
}

function wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}
