/** Asks HAProxy's runtime socket over TCP. One command a connection: HAProxy closes after the answer. */
import { connect } from 'node:net';
import { ProbeError } from '#server/sources/source.ts';

const MAX_BYTES = 8 * 1024 * 1024;

/** The answer to one command. @throws ProbeError or the socket's error */
export function askSocket(address: string, command: string, signal: AbortSignal): Promise<string> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  const socket = connect({ host, port: Number(address.slice(colon + 1)), signal });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BYTES) socket.destroy(new ProbeError('too-large', `${address}: more than ${MAX_BYTES} bytes`));
      else chunks.push(chunk);
    });
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const problem = problemOf(text, address);
      if (problem === null) resolve(text);
      else reject(problem);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new ProbeError('reset', `${address} closed the connection`)));
  });
}

/** HAProxy ends every answer with an empty line: without it the answer was cut, and servers would be missing. */
function problemOf(text: string, address: string): ProbeError | null {
  if (text === '') return new ProbeError('reset', `${address} hung up without an answer`);
  if (/^Permission denied/.test(text)) return new ProbeError('forbidden', `${address}: not permitted at this level`);
  if (/(^|\n)\n$/.test(text)) return null;
  return new ProbeError('protocol', `${address}: the answer was cut short, or is not HAProxy's`);
}
