/** For tests: a broker that takes tasks over AMQP and a store that gives their results, both on loopback, both breakable. */
import type { Socket } from 'node:net';
import { serveResp } from '#server/sources/fault-resp.ts';
import { type FaultServer, listenLoopback } from '#server/sources/fault-server.ts';

export type LoopbackBroker = FaultServer & {
  /** Ids of the tasks that came, and the queue that each was for. */
  taken: readonly { id: string; queue: string }[];
};

const HEADER = 'AMQP\u0000\u0000\u0009\u0001';
const METHOD = 1;
const HEADER_FRAME = 2;
const BODY = 3;
const FRAME_END = 0xce;
const NO_ROUTE = 312;

/**
 * Confirms every task, unless its fault is `no-confirm`, `cut` (hangs up instead), `returned` or `refused`; `onTask` hears
 * of each that it takes, confirmed or not.
 */
export async function loopbackBroker(onTask: (id: string, queue: string) => void): Promise<LoopbackBroker> {
  const taken: { id: string; queue: string }[] = [];
  const server = await listenLoopback((socket, line) => {
    let pending: Buffer = Buffer.alloc(0);
    let isGreeted = false;
    let queue = '';
    let properties: Buffer = Buffer.alloc(0);
    let tag = 0;

    function onBody(body: Buffer): void {
      tag += 1;
      const [[id]] = JSON.parse(body.toString('utf8')) as [[string]];
      const fault = line.fault();
      line.asked(`publish ${id}`, false);
      if (fault === 'cut') {
        socket.destroy();
        return;
      }
      if (fault !== 'returned' && fault !== 'refused') {
        taken.push({ id, queue });
        onTask(id, queue);
      }
      if (fault === 'no-confirm') return;
      if (fault === 'returned') {
        send(socket, METHOD, 1, [
          ...method(60, 50),
          ...u16(NO_ROUTE),
          ...short('NO_ROUTE'),
          ...short(''),
          ...short(queue),
        ]);
        send(socket, HEADER_FRAME, 1, properties);
        send(socket, BODY, 1, body);
      }
      send(socket, METHOD, 1, [...method(60, fault === 'refused' ? 120 : 80), ...u32(0), ...u32(tag), 0]);
      line.answered();
    }

    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      if (!isGreeted && pending.length >= HEADER.length) {
        isGreeted = true;
        pending = pending.subarray(HEADER.length);
        send(socket, METHOD, 0, [...method(10, 10), 0, 9, ...u32(0), ...long('PLAIN'), ...long('en_US')]);
      }
      for (;;) {
        if (pending.length < 8 || pending.length < 8 + pending.readUInt32BE(3)) return;
        const size = pending.readUInt32BE(3);
        const [type, channel] = [pending.readUInt8(0), pending.readUInt16BE(1)];
        const payload = pending.subarray(7, 7 + size);
        pending = pending.subarray(8 + size);
        if (type === BODY) onBody(payload);
        else if (type === HEADER_FRAME) properties = payload;
        else if (type === METHOD) {
          const name = `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`;
          if (name === '60.40') queue = routingKey(payload);
          const answer = ANSWERS[name];
          if (answer !== undefined) send(socket, METHOD, channel, answer);
        }
      }
    });
  });
  return Object.assign(server, { taken });
}

/** By class and method of what a client says: StartOk, Open, Channel.Open, Confirm.Select, Connection.Close. */
const ANSWERS: Readonly<Record<string, readonly number[]>> = {
  '10.11': [...method(10, 30), ...u16(0), ...u32(131_072), ...u16(0)],
  '10.40': [...method(10, 41), ...short('')],
  '20.10': [...method(20, 11), ...long('')],
  '85.10': method(85, 11),
  '10.50': method(10, 51),
};

/** Behind a reserved number and the name of the exchange. */
function routingKey(payload: Buffer): string {
  const at = 7 + payload.readUInt8(6);
  return payload.toString('utf8', at + 1, at + 1 + payload.readUInt8(at));
}

function send(socket: Socket, type: number, channel: number, payload: readonly number[] | Buffer): void {
  if (socket.destroyed) return;
  socket.write(Buffer.from([type, ...u16(channel), ...u32(payload.length), ...payload, FRAME_END]));
}

function method(of: number, number: number): number[] {
  return [...u16(of), ...u16(number)];
}

function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function u32(value: number): number[] {
  return [...u16(value >>> 16), ...u16(value & 0xffff)];
}

function short(text: string): number[] {
  return [text.length, ...Buffer.from(text)];
}

function long(text: string): number[] {
  return [...u32(text.length), ...Buffer.from(text)];
}

/** A store over a map of keys, by their upper-case form. */
export function loopbackStore(keys: Map<string, string>): Promise<FaultServer> {
  return serveResp(([name, first = '', ...rest]) => {
    const asked = [first, ...rest].map((key) => key.toUpperCase());
    if (name === 'MGET') return asked.map((key) => keys.get(key) ?? null);
    if (name === 'UNLINK') return asked.filter((key) => keys.delete(key)).length;
    if (name === 'PSUBSCRIBE') return ['psubscribe', first, 1];
    return name === 'PING' ? 'PONG' : undefined;
  });
}
