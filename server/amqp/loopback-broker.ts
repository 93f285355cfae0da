/** For tests: a server that speaks as much of AMQP 0-9-1 as lets a client in, and no more. */
import type { Socket } from 'node:net';

const METHOD = 1;
const HEAD_BYTES = 7;
const FRAME_END = 0xce;

/** A method by its class and its own number, as the protocol has them. */
type Method = readonly [number, number];
type Frame = { channel: number; is(method: Method): boolean };

const long = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);

/** What a client says on its way in, and the answer. */
const ANSWERS: readonly (readonly [asked: Method, answer: Method, fields: Buffer])[] = [
  // start-ok → tune: as many channels as there can be, frames of 128 KiB, a heartbeat every ten seconds
  [[10, 11], [10, 30], Buffer.from([7, 255, 0, 2, 0, 0, 0, 10])],
  // open → open-ok, for the connection and for a channel
  [[10, 40], [10, 41], Buffer.from([0])],
  [[20, 10], [20, 11], Buffer.from([0, 0, 0, 0])],
  // exchange.declare → declare-ok
  [[40, 10], [40, 11], Buffer.alloc(0)],
];
const TUNE_OK: Method = [10, 31];
const START = frameOf(0, [10, 10], Buffer.from([0, 9, 0, 0, 0, 0]), long('PLAIN'), long('en_US'));

function frameOf(channel: number, [ofClass, method]: Method, ...fields: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([0, ofClass, 0, method]), ...fields]);
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt8(METHOD, 0);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([FRAME_END])]);
}

function methodsIn(data: Buffer): Frame[] {
  const found: Frame[] = [];
  for (let at = 0; at + HEAD_BYTES < data.length; ) {
    const start = at + HEAD_BYTES;
    const [ofClass, method] = [data.readUInt16BE(start), data.readUInt16BE(start + 2)];
    if (data[at] === METHOD)
      found.push({ channel: data.readUInt16BE(at + 1), is: ([a, b]) => a === ofClass && b === method });
    at = start + data.readUInt32BE(at + 3) + 1;
  }
  return found;
}

/** What a socket of a broker does that lets everybody in, opens channels and knows every exchange; `then` comes with the next word. */
export function letsIn(socket: Socket, then: () => void): void {
  socket.on('data', (data) => {
    if (data.subarray(0, 4).toString() === 'AMQP') {
      socket.write(START);
      return;
    }
    for (const frame of methodsIn(data)) {
      const known = ANSWERS.find(([asked]) => frame.is(asked));
      if (known !== undefined) socket.write(frameOf(frame.channel, known[1], known[2]));
      else if (!frame.is(TUNE_OK)) then();
    }
  });
}
