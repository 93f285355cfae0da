/** For tests: a loopback server that serves recorded answers, breaks in a named way when told, and records what it was asked. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** What a battery needs of a server, whatever it speaks. */
export type FaultServer = {
  /** `127.0.0.1:port`; the same after `stop` and `start`. */
  address: string;
  /** The way in which it is broken now; null = it serves what was recorded. */
  fault: string | null;
  /** Changes every recorded answer on its way out: decoded JSON, a text, or what a RESP reply holds. */
  mutate: (recorded: unknown) => unknown;
  /** Everything that it was asked, as one line each. */
  asked: readonly string[];
  /** Those of them that are not known to be reads. */
  writes(): string[];
  /** Resolves when the next question has arrived, whole or (where it does not read) as a connection. */
  nextQuestion(): Promise<void>;
  /** Sockets that are open, or only those with a question that was not answered to its end. */
  sockets(which: 'open' | 'busy'): number;
  /** Resolves when there is none of them left. */
  noneLeft(which: 'open' | 'busy'): Promise<void>;
  /** Ends every connection and listens no more. */
  stop(): Promise<void>;
  /** Listens again, on the same port. */
  start(): Promise<void>;
};

/** What one connection's speaker may tell the listener. */
export type Line = {
  /** The fault at this moment. */
  fault(): string | null;
  /** The answer as it goes out. */
  mutated(recorded: unknown): unknown;
  /** A question has arrived; `isRead` says whether it can change nothing. */
  asked(question: string, isRead: boolean): void;
  /** Its answer has been given to its end. */
  answered(): void;
};

/** Secrets that are planted in configurations, or known to a server alone, and echoed by broken servers. */
export const PLANTED = {
  user: 'planted-user',
  password: 'planted-pass-7f3a',
  token: 'planted-token-91cc',
  foreign: 'foreign-pass-55d0',
} as const;

/** What a careless server puts into its error messages. */
export const LEAK = `${PLANTED.password} and ${PLANTED.token} of http://${PLANTED.user}:${PLANTED.password}@10.0.0.9/`;

const HANGS_UP = 'refuse-at-accept';
const HEARTBEAT_MS = 10;

/**
 * Listens on a free loopback port. `speak` handles one connection. Two faults are the same in every protocol and are
 * handled here: `silent` (accepts, says nothing, and does not even hang up) and `refuse-at-accept`.
 */
export async function listenLoopback(speak: (socket: Socket, line: Line) => void): Promise<FaultServer> {
  const open = new Map<Socket, number>();
  const hung = new Map<Socket, () => void>();
  let broken: string | null = null;
  const asked: string[] = [];
  const writes: string[] = [];
  const waiting = new Set<() => void>();
  let wakeAsked = Promise.withResolvers<void>();

  const changed = () => {
    for (const check of [...waiting]) check();
  };
  const busy = () => [...open.values()].filter((questions) => questions > 0).length;
  const count = (which: 'open' | 'busy') => (which === 'open' ? open.size : busy());
  const arrived = () => {
    wakeAsked.resolve();
    wakeAsked = Promise.withResolvers<void>();
  };

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    open.set(socket, 0);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      hung.delete(socket);
      changed();
    });
    const line: Line = {
      fault: () => server.fault,
      mutated: (recorded) => server.mutate(recorded),
      asked(question, isRead) {
        asked.push(question);
        if (!isRead) writes.push(question);
        open.set(socket, (open.get(socket) ?? 0) + 1);
        arrived();
        if (server.fault === HANGS_UP) socket.resetAndDestroy();
      },
      answered() {
        if (!open.has(socket)) return;
        open.set(socket, Math.max(0, (open.get(socket) ?? 0) - 1));
        changed();
      },
    };
    if (server.fault === HANGS_UP) socket.resetAndDestroy();
    else if (server.fault === 'silent') {
      const revive = hang(socket, () => {
        open.set(socket, 1);
        arrived();
      });
      hung.set(socket, () => {
        open.set(socket, 0);
        serve(socket, line);
        revive();
      });
    } else {
      serve(socket, line);
    }
  });
  const serve = (socket: Socket, line: Line) => {
    socket.on('end', () => socket.end());
    speak(socket, line);
  };

  const listen = async (port: number) => {
    listener.listen(port, '127.0.0.1');
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  };
  const port = await listen(0);

  const server: FaultServer = {
    address: `127.0.0.1:${port}`,
    get fault() {
      return broken;
    },
    set fault(fault) {
      broken = fault;
      if (fault !== null) return;
      for (const revive of hung.values()) revive();
      hung.clear();
    },
    mutate: (recorded) => recorded,
    asked,
    writes: () => writes,
    nextQuestion: () => wakeAsked.promise,
    sockets: count,
    noneLeft: (which) =>
      new Promise((resolve) => {
        const check = () => {
          if (count(which) > 0) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    async stop() {
      const closed = once(listener, 'close');
      listener.close();
      for (const socket of open.keys()) socket.destroy();
      await closed;
    },
    async start() {
      await listen(port);
    },
  };
  return server;
}

/**
 * A hung process: the kernel takes everything in, nobody answers, not even a hang-up. Only a reset ends it.
 * Returns what brings it back to life: it then finds what was sent to it meanwhile.
 */
function hang(socket: Socket, onQuestion: () => void): () => void {
  const unread: Buffer[] = [];
  const keep = (chunk: Buffer) => {
    if (unread.push(chunk) === 1) onQuestion();
  };
  const goneQuiet = () => drip(socket, '\n');
  socket.on('data', keep);
  socket.on('end', goneQuiet);
  return () => {
    if (socket.readableEnded) return;
    socket.off('data', keep);
    socket.off('end', goneQuiet);
    if (unread.length > 0) socket.unshift(Buffer.concat(unread));
    socket.resume();
  };
}

/** Writes a little again and again until the other side is gone. */
export function drip(socket: Socket, text: string): void {
  const timer = setInterval(() => socket.write(text), HEARTBEAT_MS);
  socket.on('close', () => clearInterval(timer));
}
