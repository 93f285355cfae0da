/** For tests: a server that answers one line and hangs up, as HAProxy's runtime socket does, or breaks in a named way. */
import type { Socket } from 'node:net';
import type { ProbeCode } from '#lib/model/reading.ts';
import { drip, type FaultServer, LEAK, listenLoopback } from './fault-server.ts';

/** More than Trellis takes of one answer. */
const TOO_LARGE_BYTES = 8 * 1024 * 1024 + 1;

type Break = (socket: Socket, whole: string) => void;

const BREAKS: Readonly<Record<string, Break>> = {
  'no-answer': () => {},
  'slow-body': (socket) => drip(socket, '# '),
  'stays-open': (socket, whole) => socket.write(whole.slice(0, -2)),
  denied: (socket) => socket.end('Permission denied\n\n'),
  'unknown-command': (socket) => socket.end(`Unknown command: '${LEAK}'. Please enter one of the following\n\n`),
  truncated: (socket, whole) => socket.end(whole.slice(0, Math.floor(whole.length / 2))),
  'truncated-at-a-line': (socket, whole) => socket.end(whole.slice(0, whole.lastIndexOf('\n', whole.length - 3) + 1)),
  'closed-before-answer': (socket) => socket.end(),
  'reset-before-answer': (socket) => socket.resetAndDestroy(),
  'reset-within-answer': (socket, whole) => socket.write(whole.slice(0, 100), () => socket.resetAndDestroy()),
  oversized: (socket) => socket.end(Buffer.alloc(TOO_LARGE_BYTES, ' ')),
  html: (socket) => socket.end(`HTTP/1.1 400 Bad request\r\n\r\n<html>${LEAK}</html>\n\n`),
  garbage: (socket) => socket.end(Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 197 + 131) % 256))),
  'empty-answer': (socket) => socket.end('\n'),
};

/** What a reading must end with under each fault of `serveLines`. */
export const LINE_FAULTS: Readonly<Record<string, ProbeCode>> = {
  silent: 'timeout',
  'no-answer': 'timeout',
  'slow-body': 'timeout',
  'stays-open': 'timeout',
  'refuse-at-accept': 'reset',
  denied: 'forbidden',
  'unknown-command': 'protocol',
  truncated: 'protocol',
  'truncated-at-a-line': 'protocol',
  'closed-before-answer': 'reset',
  'reset-before-answer': 'reset',
  'reset-within-answer': 'reset',
  oversized: 'too-large',
  html: 'protocol',
  garbage: 'protocol',
  'empty-answer': 'protocol',
};

/** Serves the recorded answer to each command; only `show …` counts as a read. */
export function serveLines(answers: (command: string) => string | null): Promise<FaultServer> {
  return listenLoopback((socket, line) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      const command = text.slice(0, text.indexOf('\n'));
      text = '';
      line.asked(command, /^show \w+( [\w./-]+)*$/.test(command));
      const whole = answers(command) ?? 'Unknown command\n\n';
      const fault = line.fault();
      if (fault !== null) (BREAKS[fault] ?? BREAKS['no-answer'])?.(socket, whole);
      else socket.end(String(line.mutated(whole)), () => line.answered());
    });
  });
}
