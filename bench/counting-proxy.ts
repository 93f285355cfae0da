/** Loopback proxies that count what passes: the independent account of the load that Trellis puts on an estate. */
import { Agent, createServer as createHttpServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { epochMs } from './clock.ts';

/** One question that reached the real server. */
export type Passed = { readonly atMs: number; readonly what: string };

/** Counts for one cluster (all RabbitMQ nodes, say), over all its proxies. */
export class Tally {
  readonly requests: Passed[] = [];
  /** Bytes of answers, with the time at which they passed. */
  readonly bytes: { atMs: number; count: number }[] = [];
  /** Questions that found nobody: they load no one. */
  unanswered = 0;

  /** Requests from `fromMs` on, up to `toMs`. */
  requestsBetween(fromMs: number, toMs: number): Passed[] {
    return this.requests.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  }

  /** Bytes from `fromMs` on, up to `toMs`. */
  bytesBetween(fromMs: number, toMs: number): number {
    return sum(this.bytes, fromMs, toMs, ({ count }) => count);
  }

  /** The most requests within any `windowMs`. */
  mostRequests(fromMs: number, toMs: number, windowMs: number): number {
    const times = this.requestsBetween(fromMs, toMs).map(({ atMs }) => atMs);
    return Math.max(
      0,
      ...times.map((start) => times.filter((atMs) => atMs >= start && atMs < start + windowMs).length),
    );
  }

  /** The most bytes within any `windowMs`. */
  mostBytes(fromMs: number, toMs: number, windowMs: number): number {
    const passed = this.bytes.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
    return Math.max(0, ...passed.map(({ atMs }) => sum(passed, atMs, atMs + windowMs, ({ count }) => count)));
  }
}

/** A proxy that listens. */
export type Proxy = { readonly port: number; readonly close: () => Promise<void> };

/** Passes HTTP on to `target` (an origin); counts every request that gets an answer. */
export async function httpProxy(address: string, target: string, tally: Tally): Promise<Proxy> {
  const agent = new Agent({ keepAlive: true });
  const server = createHttpServer((incoming, outgoing) => passOn(incoming, outgoing, target, agent, tally));
  server.keepAliveTimeout = 75_000;
  const proxy = await listen(server, address);
  return {
    port: proxy.port,
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await proxy.close();
    },
  };
}

/** Passes a line protocol (HAProxy's runtime socket) on to `host:port`; counts lines as requests. */
export async function lineProxy(address: string, target: string, tally: Tally): Promise<Proxy> {
  const [host = '', port = ''] = target.split(':');
  const server = createServer((inner) => {
    const outer = connect(Number(port), host);
    const end = () => {
      inner.destroy();
      outer.destroy();
    };
    inner.on('error', end).on('close', end);
    outer.on('error', end).on('close', end);
    inner.on('data', (chunk) => {
      for (const line of chunk.toString().split('\n'))
        if (line !== '') tally.requests.push({ atMs: epochMs(), what: line });
      outer.write(chunk);
    });
    outer.on('data', (chunk) => {
      tally.bytes.push({ atMs: epochMs(), count: chunk.length });
      inner.write(chunk);
    });
    // The side that has said all it wanted to say is closed after its last words.
    outer.on('end', () => inner.end());
  });
  return listen(server, address);
}

function passOn(incoming: IncomingMessage, outgoing: ServerResponse, target: string, agent: Agent, tally: Tally): void {
  const { method = 'GET', url = '/', headers } = incoming;
  const onward = request(`${target}${url}`, { method, headers, agent }, (answer) => {
    tally.requests.push({ atMs: epochMs(), what: `${method} ${url.replace(/([?&](?:index|wait))=[^&]*/g, '$1=…')}` });
    const head = answer.rawHeaders.reduce((size, part) => size + part.length + 2, 'HTTP/1.1 200 OK\r\n\r\n'.length);
    tally.bytes.push({ atMs: epochMs(), count: head });
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.on('data', (chunk: Buffer) => {
      tally.bytes.push({ atMs: epochMs(), count: chunk.length });
    });
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  // As if the server itself had broken the connection.
  onward.on('error', () => {
    if (!outgoing.headersSent) tally.unanswered += 1;
    incoming.socket.destroy();
  });
  outgoing.on('close', () => onward.destroy());
  incoming.pipe(onward);
}

async function listen(server: Server, address: string): Promise<Proxy> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function sum<T extends { atMs: number }>(
  all: readonly T[],
  fromMs: number,
  toMs: number,
  of: (one: T) => number,
): number {
  return all.reduce((total, one) => (one.atMs >= fromMs && one.atMs < toMs ? total + of(one) : total), 0);
}
