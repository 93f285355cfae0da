/**
 * One plain connection to one Redis or Sentinel. No offline queue and no retry behind our back: a probe must fail
 * when the server does not answer, and the next probe connects again.
 */
import { Redis } from 'ioredis';
import { ProbeError } from '#server/sources/source.ts';

export type RedisCredentials = { user?: string | undefined; password?: string | undefined };

export type RedisConnection = {
  /** Runs commands (lower case: ioredis looks them up as methods) in one pipeline; one that fails fails the question. */
  ask(commands: readonly (readonly string[])[], signal: AbortSignal): Promise<unknown[]>;
  close(): void;
};

const CONNECT_TIMEOUT_MS = 1_500;

/** A connection to `address:port` that is opened by the first question. */
export function redisConnection(address: string, credentials: RedisCredentials): RedisConnection {
  let client: Redis | null = null;

  async function ready(): Promise<Redis> {
    if (client !== null && client.status === 'ready') return client;
    client?.disconnect();
    const fresh = open(address, credentials);
    client = fresh;
    let cause: unknown = null;
    fresh.on('error', (error) => {
      cause = error;
    });
    try {
      await fresh.connect();
    } catch (error) {
      throw named(cause ?? error);
    }
    return fresh;
  }

  return {
    async ask(commands, signal) {
      const drop = () => {
        client?.disconnect();
        client = null;
      };
      // A server that hangs keeps the socket open: the next question must not wait behind this one.
      signal.addEventListener('abort', drop, { once: true });
      try {
        const connected = await ready();
        const answers = await connected.pipeline(commands.map((command) => [...command])).exec();
        if (answers === null) throw new ProbeError('reset', `${address} closed the connection`);
        return answers.map(([error, value]) => {
          if (error !== null) throw named(error);
          return value;
        });
      } finally {
        signal.removeEventListener('abort', drop);
      }
    },
    close() {
      client?.disconnect();
      client = null;
    },
  };
}

function open(address: string, credentials: RedisCredentials): Redis {
  const colon = address.lastIndexOf(':');
  return new Redis({
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
    ...(credentials.user === undefined ? {} : { username: credentials.user }),
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    protocol: 2,
    connectionName: 'trellis',
    disableClientInfo: true,
  });
}

/** Redis tells its refusals by the first word of the message. */
function named(error: unknown): unknown {
  const message = error instanceof Error ? error.message : String(error);
  if (/^(NOAUTH|WRONGPASS)/.test(message)) return new ProbeError('auth', message);
  if (/^NOPERM/.test(message)) return new ProbeError('forbidden', message);
  if (/^(LOADING|BUSY|MASTERDOWN|TRYAGAIN)/.test(message)) return new ProbeError('server-error', message);
  if (/^ERR/.test(message)) return new ProbeError('protocol', message);
  if (/Connection is closed/.test(message)) return new ProbeError('reset', message);
  return error;
}
