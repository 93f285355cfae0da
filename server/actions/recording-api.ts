/** For tests: a loopback HTTP API that answers as told and keeps every request, body and headers too. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export type Recorded = { line: string; headers: IncomingHttpHeaders; body: unknown };
export type RecordingApi = { url: string; requests: readonly Recorded[]; stop(): Promise<void> };

/** Answers `METHOD /path` with a status and JSON; what it does not know with 404. */
export async function recordingApi(
  answers: (line: string) => readonly [number, unknown] | undefined,
): Promise<RecordingApi> {
  const requests: Recorded[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const line = `${request.method} ${request.url}`;
    requests.push({ line, headers: request.headers, body: body === '' ? null : JSON.parse(body) });
    const [status, json] = answers(line) ?? [404, { error: 'Object Not Found', reason: 'Not Found' }];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(json === undefined ? '' : JSON.stringify(json));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
