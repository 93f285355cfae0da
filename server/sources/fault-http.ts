/** For tests: an HTTP server that answers as recorded or breaks in a named way. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ProbeCode } from '#lib/model/reading.ts';
import { drip, type FaultServer, LEAK, type Line, listenLoopback } from './fault-server.ts';

/** The recorded body for a path with its query, or null where the server has no such page. */
export type HttpAnswers = (url: URL) => string | null;

/** One byte more than the HTTP sources read. */
const TOO_LARGE_BYTES = 32 * 1024 * 1024 + 1;

let tooLarge: Buffer | undefined;

type Break = (request: IncomingMessage, response: ServerResponse, whole: string) => void;

const LOGIN_PAGE = `<!DOCTYPE html><html><title>Sign in</title><form action="/login">${LEAK}</form></html>`;
const GARBAGE = Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 197 + 131) % 256));

const status =
  (code: number, headers: Record<string, string> = {}): Break =>
  (request, response) => {
    response.writeHead(code, code === 401 ? { 'www-authenticate': 'Basic', ...headers } : headers);
    response.end(`{"error":"${LEAK}","you":"${request.headers.authorization}"}`);
  };

const body =
  (type: string, content: string | Buffer, headers: Record<string, string> = {}): Break =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(content), ...headers });
    response.end(content);
  };

/** The first half as if the whole were to follow, then the end of the connection. */
const cut =
  (headers: (whole: string) => Record<string, string | number>, share: number): Break =>
  (_request, response, whole) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers(whole) });
    response.flushHeaders();
    const half = whole.slice(0, Math.floor(whole.length * share));
    if (half === '') response.socket?.end();
    else response.write(half, () => response.socket?.end());
  };

/** Without a length only the body itself can tell that it was cut. */
const unframed =
  (part: (whole: string) => string): Break =>
  (_request, response, whole) =>
    response.socket?.end(`HTTP/1.0 200 OK\r\n\r\n${part(whole)}`);

const length = (whole: string) => ({ 'content-length': Buffer.byteLength(whole) });

const BREAKS: Readonly<Record<string, Break>> = {
  'no-answer': () => {},
  'slow-body': (_request, response, whole) => {
    response.writeHead(200, { 'content-type': 'application/json', ...length(whole.padEnd(1_000_000)) });
    response.flushHeaders();
    if (response.socket !== null) drip(response.socket, ' ');
  },
  401: status(401),
  403: status(403),
  404: status(404),
  418: status(418),
  429: status(429, { 'retry-after': '1' }),
  500: status(500),
  503: status(503),
  redirect: status(302, { location: '/elsewhere' }),
  truncated: cut(length, 0.5),
  'truncated-chunked': cut(() => ({ 'transfer-encoding': 'chunked' }), 0.5),
  'truncated-unframed': unframed((whole) => whole.slice(0, Math.floor(whole.length * 0.6))),
  'truncated-early': unframed((whole) => whole.slice(0, 8)),
  'closed-after-headers': cut(length, 0),
  'closed-before-headers': (request) => request.socket.destroy(),
  oversized: (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    tooLarge ??= Buffer.alloc(TOO_LARGE_BYTES, ' ');
    response.end(tooLarge);
  },
  html: body('text/html', LOGIN_PAGE),
  'wrong-shape': body('application/json', `{"error":"${LEAK}"}`),
  'not-a-list': body('application/json', '[[[1]],null,"x"]'),
  'garbage-body': body('application/json', GARBAGE),
  'not-gzip': body('application/json', '[]', { 'content-encoding': 'gzip' }),
  empty: body('application/json', ''),
  'no-content': (_request, response) => {
    response.writeHead(204);
    response.end();
  },
  garbage: (request) => request.socket.end(GARBAGE),
};

/** What a reading must end with under each fault of `serveHttp`. */
export const HTTP_FAULTS: Readonly<Record<string, ProbeCode>> = {
  silent: 'timeout',
  'no-answer': 'timeout',
  'slow-body': 'timeout',
  'refuse-at-accept': 'reset',
  401: 'auth',
  403: 'forbidden',
  404: 'not-found',
  418: 'protocol',
  429: 'rate-limited',
  500: 'server-error',
  503: 'server-error',
  redirect: 'protocol',
  truncated: 'reset',
  'truncated-chunked': 'reset',
  'truncated-unframed': 'protocol',
  'truncated-early': 'protocol',
  'closed-after-headers': 'reset',
  'closed-before-headers': 'reset',
  oversized: 'too-large',
  html: 'protocol',
  'wrong-shape': 'protocol',
  'not-a-list': 'protocol',
  'garbage-body': 'protocol',
  'not-gzip': 'protocol',
  empty: 'protocol',
  'no-content': 'protocol',
  garbage: 'protocol',
};

/** Serves recorded answers over HTTP. Only GET and HEAD of anything but the redirect's target count as reads. */
export async function serveHttp(answers: HttpAnswers): Promise<FaultServer> {
  const lines = new WeakMap<Socket, Line>();
  const http = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const line = lines.get(request.socket);
    const url = new URL(request.url ?? '/', 'http://server');
    const isRead = (request.method === 'GET' || request.method === 'HEAD') && url.pathname !== '/elsewhere';
    line?.asked(`${request.method} ${request.url}`, isRead);
    response.on('close', () => line?.answered());
    const fault = line?.fault() ?? null;
    const recorded = answers(url);
    if (fault !== null) {
      response.setHeader('connection', 'close');
      (BREAKS[fault] ?? BREAKS['no-answer'])?.(request, response, recorded ?? '[]');
    } else if (recorded === null) {
      response.writeHead(404).end('{"error":"Object Not Found","reason":"Not Found"}');
    } else {
      const isText = /(csv|\/config\/effective)$/.test(url.pathname);
      const sent = line?.mutated(isText ? recorded : JSON.parse(recorded));
      response.writeHead(200, { 'content-type': isText ? 'text/plain' : 'application/json' });
      response.end(isText ? String(sent) : JSON.stringify(sent));
    }
  });
  return listenLoopback((socket, line) => {
    lines.set(socket, line);
    http.emit('connection', socket);
  });
}
