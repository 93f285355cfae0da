/** For tests: a server that speaks as much of AMQP 0-9-1 as lets a client in, and no more. */
import type { Socket } from 'node:net';

/** A frame of channel 0 with a method of the class `connection`, as AMQP 0-9-1 has it. */
function frame(method: number, ...fields: readonly Buffer[]): Buffer {
  const payload = Buffer.concat([Buffer.from([0, 10, 0, method]), ...fields]);
  const head = Buffer.alloc(7);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

const long = (text: string) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]);
const START = frame(10, Buffer.from([0, 9, 0, 0, 0, 0]), long('PLAIN'), long('en_US'));
const TUNE = frame(30, Buffer.from([7, 255, 0, 2, 0, 0, 0, 10]));
const OPENED = frame(41, Buffer.from([0]));
const has = (data: Buffer, method: number) => data.includes(Buffer.from([0, 10, 0, method]));

/** What a socket of a broker does that lets everybody in; `then` comes with the first word after that. */
export function letsIn(socket: Socket, then: () => void): void {
  socket.on('data', (data) => {
    if (data.subarray(0, 4).toString() === 'AMQP') socket.write(START);
    else if (has(data, 11)) socket.write(TUNE);
    else if (has(data, 40)) socket.write(OPENED);
    else if (!has(data, 31) && data[0] === 1) then();
  });
}
