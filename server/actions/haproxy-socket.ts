/** Commands to HAProxy's runtime socket over TCP. One command a connection: HAProxy hangs up after its answer. */
import { connect } from 'node:net';
import { hostAndPort } from './outside-call.ts';

const MAX_BYTES = 8 * 1024 * 1024;

/** The answer to one command, without the empty line that ends it. @throws Error, also for an answer that was cut */
export function tellSocket(address: string, command: string, signal: AbortSignal): Promise<string> {
  const socket = connect({ ...hostAndPort(address), signal });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) socket.destroy(new Error(`more than ${MAX_BYTES} bytes`));
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      // HAProxy ends every answer with an empty line.
      if (/(^|\n)\n$/.test(text)) resolve(text.trimEnd());
      else reject(new Error(text === '' ? 'hung up without an answer' : 'the answer was cut short'));
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed the connection')));
  });
}
