/** Small HTTP reading for the probes. */

/** How long one answer may take. */
export const PROBE_LIMIT_MS = 2_000;

/**
 * The body of a GET.
 * @throws Error when there is no 2xx answer in time.
 */
export async function getText(url: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(PROBE_LIMIT_MS) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return text;
}

/** As `getText`, parsed; the caller vouches for the shape. */
export async function getJson<T>(url: string, headers?: Readonly<Record<string, string>>): Promise<T> {
  return JSON.parse(await getText(url, headers)) as T;
}

/** Why a probe got no answer, in a few words. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message || (error.cause as NodeJS.ErrnoException).code : '';
  return cause ? `${error.message}: ${cause}` : error.message;
}
