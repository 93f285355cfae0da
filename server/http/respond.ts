/** Answers of the HTTP API: JSON, or `application/problem+json` with a stable code (RFC 9457). */

/** A JSON answer that nobody caches: everything here is about now. */
export function json(body: unknown, status = 200): Response {
  return respond(status, body, { 'content-type': 'application/json' });
}

/** A problem answer; `code` is stable, `detail` is for people. */
export function problem(
  status: number,
  code: string,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const challenge: Record<string, string> = status === 401 ? { 'www-authenticate': 'Bearer' } : {};
  return respond(status, problemBody(status, code, detail), { ...challenge, ...headers });
}

/** The body of a problem answer. */
export function problemBody(status: number, code: string, detail: string): object {
  return { type: 'about:blank', status, code, detail };
}

/** An answer with the content type that its status asks for. */
export function respond(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': type, 'cache-control': 'no-store', ...headers },
  });
}
