/** Answers of the HTTP API: JSON, or `application/problem+json` with a stable code (RFC 9457). */

/** A JSON answer that nobody caches: everything here is about now. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/** A problem answer; `code` is stable, `detail` is for people. */
export function problem(status: number, code: string, detail: string): Response {
  const body = { type: 'about:blank', status, code, detail };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}
