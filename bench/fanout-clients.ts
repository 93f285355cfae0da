/**
 * The readers of the fanout bench, in a thread of their own: what the bench does beside them must not count as delivery
 * time. Raw sockets, because a thousand HTTP clients would cost more than the server that is measured.
 */
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { routes } from '#lib/routes.ts';
import { epochMs } from './clock.ts';
import type { ClientOrder, ClientReport } from './fanout-protocol.ts';

const LONGEST_MS = 60_000;
/** What is needed of a patch stands at its beginning. */
const HEAD_CHARACTERS = 200;

type Reader = { rev: number; rest: string; event: string };

const { port } = workerData as { port: number };
const readers = new Set<Reader>();
const delay = monitorEventLoopDelay({ resolution: 10 });
let joined = 0;
let lost = 0;
let gaps = 0;
let bytes = 0;
/** Deliveries by milliseconds. */
let histogram = new Uint32Array(LONGEST_MS + 1);

function join(): void {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  const request = `GET ${routes.api.stream} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n\r\n`;
  socket.write(request);
  const reader: Reader = { rev: -1, rest: '', event: '' };
  readers.add(reader);
  socket.on('data', (chunk) => {
    bytes += chunk.length;
    read(reader, chunk.toString('latin1'));
  });
  socket.on('close', () => {
    lost += 1;
    readers.delete(reader);
  });
}

/** The lines of chunked encoding between the events look like no line of an event. */
function read(reader: Reader, chunk: string): void {
  const atMs = epochMs();
  const text = reader.rest + chunk;
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    if (text.startsWith('event: ', from)) reader.event = text.slice(from + 'event: '.length, end);
    else if (text.startsWith('data: ', from))
      take(reader, text.slice(from, Math.min(end, from + HEAD_CHARACTERS)), text.slice(from, end), atMs);
    from = end + 1;
  }
  reader.rest = text.slice(from);
}

function take(reader: Reader, head: string, line: string, atMs: number): void {
  switch (reader.event) {
    case 'snapshot':
      if (reader.rev < 0) joined += 1;
      reader.rev = numberIn(head, 'rev');
      break;
    case 'sample':
    case 'throughput':
      reader.rev = numberIn(head, 'rev');
      break;
    case 'patch':
      if (numberIn(head, 'base') !== reader.rev) gaps += 1;
      reader.rev = numberIn(head, 'rev');
      delivered(atMs - numberIn(head, 'now'));
      break;
    case 'transition':
      reader.rev = numberIn(line, 'rev');
      delivered(atMs - numberIn(line, 'at'));
      break;
  }
}

function numberIn(text: string, key: string): number {
  return Number(new RegExp(`"${key}":(\\d+)`).exec(text)?.[1] ?? Number.NaN);
}

function delivered(ms: number): void {
  const bucket = Math.min(LONGEST_MS, Math.max(0, Math.round(ms)));
  histogram[bucket] = (histogram[bucket] ?? 0) + 1;
}

/** The share's quantile of all deliveries since the last report. */
function quantile(share: number): number | null {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let left = Math.ceil(total * share);
  for (const [ms, count] of histogram.entries()) {
    left -= count;
    if (left <= 0 && total > 0) return ms;
  }
  return null;
}

function report(): ClientReport {
  const told: ClientReport = {
    readers: readers.size,
    joined,
    lost,
    gaps,
    bytesEach: bytes / Math.max(1, readers.size),
    deliveries: histogram.reduce((sum, count) => sum + count, 0),
    medianMs: quantile(0.5),
    p99Ms: quantile(0.99),
    worstMs: quantile(1),
    ownDelayP99Ms: delay.percentile(99) / 1e6,
    revisions: [...new Set([...readers].map(({ rev }) => rev))],
  };
  return told;
}

delay.enable();
parentPort?.on('message', (order: ClientOrder) => {
  switch (order.order) {
    case 'join':
      for (let n = 0; n < order.count; n += 1) join();
      break;
    case 'reset':
      histogram = new Uint32Array(LONGEST_MS + 1);
      bytes = 0;
      delay.reset();
      break;
    case 'report':
      parentPort?.postMessage(report());
      break;
  }
});
