/** Questions to the API, and the refusals that pages tell apart. */

/** What the server refused; `code` is the problem's code, or `HTTP_<status>` where it gave none. */
export class AskError extends Error {
  readonly status: number;
  readonly code: string;
  /** Where a search cannot be read, counted from 0; null = not told. */
  readonly position: number | null;

  constructor(status: number, body: { code?: string; detail?: string; position?: number | null } | null) {
    super(body?.detail ?? `the server answered ${status}`);
    this.name = 'AskError';
    this.status = status;
    this.code = body?.code ?? `HTTP_${status}`;
    this.position = body?.position ?? null;
  }
}

/** The JSON at an address. @throws AskError where the server refuses */
export async function ask<T>(url: string, signal: AbortSignal): Promise<T> {
  const response = await fetch(url, { signal });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw new AskError(response.status, body as { code?: string } | null);
  return body as T;
}

/** The problem's code of what a question ended with; null = no refusal of the server. */
export function codeOf(error: unknown): string | null {
  return error instanceof AskError ? error.code : null;
}

/** What will not be answered otherwise by asking again. */
export function isFinal(error: unknown): boolean {
  return error instanceof AskError && error.status < 500;
}
