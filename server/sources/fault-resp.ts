/** For tests: a Redis or Sentinel that answers as recorded or breaks in a named way. */
import type { Socket } from 'node:net';
import type { ProbeCode } from '#lib/model/reading.ts';
import { drip, type FaultServer, type Line, listenLoopback, PLANTED } from './fault-server.ts';

/** A reply: a bulk string, an integer, a list, or nil. */
export type Reply = string | number | null | readonly Reply[];

/** The recorded reply to a command (upper-case name and subcommand first), or undefined where it knows none. */
export type RespAnswers = (command: readonly string[]) => Reply | undefined;

/** Commands that change nothing that anybody else can notice. */
const READS = new Set(
  `INFO ROLE PING HELLO AUTH QUIT COMMAND SUBSCRIBE PSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE
   CLIENT|SETNAME CLIENT|SETINFO CLIENT|ID SENTINEL|MASTERS SENTINEL|MASTER SENTINEL|REPLICAS SENTINEL|SLAVES
   SENTINEL|SENTINELS SENTINEL|CKQUORUM SENTINEL|GET-MASTER-ADDR-BY-NAME SENTINEL|MYID`.split(/\s+/),
);

const LEAK = `${PLANTED.password} of redis://somebody:${PLANTED.foreign}@10.0.0.9/`;

/** More than Trellis takes of one answer. */
const TOO_LARGE_BYTES = 17 * 1024 * 1024;
const HANDSHAKE = new Set(['AUTH', 'CLIENT', 'HELLO']);

type Break = (socket: Socket, command: readonly string[]) => void;

const says =
  (text: string): Break =>
  (socket) =>
    socket.write(text);

/** Breaks only after the handshake, as a server does that knows the client but not the question. */
const later =
  (broken: Break): Break =>
  (socket, command) =>
    HANDSHAKE.has(command[0] ?? '') ? socket.write('+OK\r\n') : broken(socket, command);

const BREAKS: Readonly<Record<string, Break>> = {
  'no-answer': () => {},
  'no-answer-after-login': later(() => {}),
  'slow-body': later((socket) => {
    socket.write('$1000000\r\n');
    drip(socket, 'x');
  }),
  'half-a-bulk-string': later(says('$1000\r\nrole:mas')),
  truncated: later((socket) => socket.end('$1000\r\nrole:mas')),
  'closed-before-answer': (socket) => socket.destroy(),
  'closed-after-login': later((socket) => socket.destroy()),
  noauth: says(`-NOAUTH Authentication required. ${LEAK}\r\n`),
  'noauth-after-login': later(says(`-NOAUTH Authentication required. ${LEAK}\r\n`)),
  wrongpass: (socket, command) =>
    socket.write(
      command[0] === 'AUTH'
        ? `-WRONGPASS invalid username-password pair or user is disabled. ${LEAK}\r\n`
        : '-NOAUTH Authentication required.\r\n',
    ),
  noperm: later(says(`-NOPERM this user has no permissions to run the command. ${LEAK}\r\n`)),
  loading: later(says(`-LOADING Redis is loading the dataset in memory. ${LEAK}\r\n`)),
  masterdown: later(says(`-MASTERDOWN Link with MASTER is down. ${LEAK}\r\n`)),
  'old-server': (socket) =>
    socket.write(`-ERR unknown command 'AUTH', with args beginning with: '${PLANTED.user}' '${PLANTED.password}'\r\n`),
  err: later(says(`-ERR no such thing. ${LEAK}\r\n`)),
  'protected-mode': (socket) =>
    socket.end('-DENIED Redis is running in protected mode because protected mode is enabled.\r\n'),
  'too-many-clients': (socket) => socket.end('-ERR max number of clients reached\r\n'),
  oversized: later((socket) => {
    socket.write(`$${TOO_LARGE_BYTES * 64}\r\n`);
    socket.write(Buffer.alloc(TOO_LARGE_BYTES, 'x'));
  }),
  integer: later(says(':7\r\n')),
  nil: later(says('$-1\r\n')),
  'empty-text': later(says('$0\r\n\r\n')),
  'list-of-integers': later(says('*2\r\n:1\r\n:2\r\n')),
  'nested-deep': later(says(`${'*1\r\n'.repeat(50_000)}:1\r\n`)),
  html: says(`HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\n\r\n<html>${LEAK}</html>`),
  garbage: (socket) => socket.write(Buffer.from(Array.from({ length: 512 }, (_, i) => (i * 197 + 131) % 256))),
};

/** What a reading must end with under each fault of `serveResp`. */
export const RESP_FAULTS: Readonly<Record<string, ProbeCode>> = {
  silent: 'timeout',
  'no-answer': 'timeout',
  'no-answer-after-login': 'timeout',
  'slow-body': 'timeout',
  'half-a-bulk-string': 'timeout',
  'refuse-at-accept': 'reset',
  truncated: 'reset',
  'closed-before-answer': 'reset',
  'closed-after-login': 'reset',
  noauth: 'auth',
  'noauth-after-login': 'auth',
  wrongpass: 'auth',
  noperm: 'forbidden',
  'protected-mode': 'forbidden',
  loading: 'server-error',
  masterdown: 'server-error',
  'too-many-clients': 'server-error',
  'old-server': 'protocol',
  err: 'protocol',
  oversized: 'too-large',
  integer: 'protocol',
  nil: 'protocol',
  'empty-text': 'protocol',
  'list-of-integers': 'protocol',
  'nested-deep': 'protocol',
  html: 'protocol',
  garbage: 'protocol',
};

/** Serves recorded replies over RESP2. */
export function serveResp(answers: RespAnswers): Promise<FaultServer> {
  return listenLoopback((socket, line) => {
    let pending: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let next = takeCommand(pending); next !== null; next = takeCommand(pending)) {
        pending = next.rest;
        handle(socket, line, next.command, answers);
      }
    });
  });
}

function handle(socket: Socket, line: Line, words: readonly string[], answers: RespAnswers): void {
  const command = words.map((word, i) => (i < 2 ? word.toUpperCase() : word));
  const [name = '', sub = ''] = command;
  // Secrets stay out of what a failing test prints.
  line.asked(name === 'AUTH' ? name : words.join(' '), READS.has(name) || READS.has(`${name}|${sub}`));
  const fault = line.fault();
  if (fault !== null) {
    if (!socket.destroyed && socket.writable) (BREAKS[fault] ?? BREAKS['no-answer'])?.(socket, command);
    if (RESP_FAULTS[fault] !== 'timeout') line.answered();
    return;
  }
  const reply = HANDSHAKE.has(name) ? '+OK\r\n' : encode(mutated(line, answers([name, sub, ...words.slice(2)])));
  socket.write(reply, () => line.answered());
}

function mutated(line: Line, reply: Reply | undefined): Reply | undefined {
  return reply === undefined ? undefined : (line.mutated(reply) as Reply);
}

function encode(reply: Reply | undefined): string {
  if (reply === undefined) return '-ERR unknown command\r\n';
  if (reply === null) return '$-1\r\n';
  if (typeof reply === 'number' && Number.isInteger(reply)) return `:${reply}\r\n`;
  if (typeof reply === 'string') return `$${Buffer.byteLength(reply)}\r\n${reply}\r\n`;
  // What a spoiled answer may hold besides.
  if (!Array.isArray(reply)) return encode(typeof reply === 'object' ? Object.entries(reply).flat() : String(reply));
  return `*${reply.length}\r\n${reply.map(encode).join('')}`;
}

/** The first whole command (a list of bulk strings), or null while it is not all there. */
function takeCommand(bytes: Buffer): { command: string[]; rest: Buffer } | null {
  let at = 0;
  const header = (): number | null => {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return null;
    const value = Number(bytes.toString('latin1', at + 1, end));
    at = end + 2;
    return value;
  };
  const count = header();
  if (count === null) return null;
  const command: string[] = [];
  for (let i = 0; i < count; i++) {
    const size = header();
    if (size === null || bytes.length < at + size + 2) return null;
    command.push(bytes.toString('utf8', at, at + size));
    at += size + 2;
  }
  return { command, rest: bytes.subarray(at) };
}
