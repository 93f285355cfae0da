/**
 * One plain connection to one Redis or Sentinel. No offline queue and no retry behind our back: a probe must fail
 * when the server does not answer, and the next probe connects again.
 */
import { Redis } from 'ioredis';
import type { ProbeCode } from '#lib/model/reading.ts';
import { ONE_TRY } from '#server/redis/one-try.ts';
import { probeFailure } from '#server/sources/failure.ts';
import { ProbeError } from '#server/sources/source.ts';

export type RedisCredentials = { user?: string | undefined; password?: string | undefined };

export type RedisConnection = {
  /**
   * Runs commands (lower case: ioredis looks them up as methods) in one pipeline. One that fails fails the question,
   * unless `isAnswer` takes the error for an answer.
   */
  ask(
    commands: readonly (readonly string[])[],
    signal: AbortSignal,
    isAnswer?: (error: Error) => boolean,
  ): Promise<unknown[]>;
  close(): void;
};

const CONNECT_TIMEOUT_MS = 1_500;
/** The largest answer that is taken. */
const MAX_BYTES = 16 * 1024 * 1024;

/** A connection to `address:port` that is opened by the first question, and shared by all that are asked at once. */
export function redisConnection(address: string, credentials: RedisCredentials): RedisConnection {
  let current: Link | null = null;

  function link(): Link {
    if (current?.isAlive()) return current;
    current?.giveUp(null);
    current = openLink(address, credentials);
    return current;
  }

  return {
    async ask(commands, signal, isAnswer = () => false) {
      signal.throwIfAborted();
      const used = link();
      try {
        return await askOver(used, commands, signal, isAnswer);
      } catch (error) {
        // Sentinels cut a node's connections when they give it a new role: that says nothing about a fresh one.
        const wasCut = used.hasWorked() && probeFailure(error).code === 'reset' && !signal.aborted;
        if (!wasCut) throw error;
        return await askOver(link(), commands, signal, isAnswer);
      }
    },
    close() {
      current?.giveUp(new ProbeError('aborted', `${address}: closed by Trellis`));
      current = null;
    },
  };
}

async function askOver(
  link: Link,
  commands: readonly (readonly string[])[],
  signal: AbortSignal,
  isAnswer: (error: Error) => boolean,
): Promise<unknown[]> {
  // A server that hangs keeps the socket open: the next question must not wait behind this one.
  const drop = () => link.giveUp(signal.reason);
  signal.addEventListener('abort', drop, { once: true });
  try {
    return await link.run(commands, isAnswer);
  } finally {
    signal.removeEventListener('abort', drop);
  }
}

type Link = {
  /** Whether it has answered a question before. */
  hasWorked(): boolean;
  /** Whether it is connected, or on its way. */
  isAlive(): boolean;
  run(commands: readonly (readonly string[])[], isAnswer: (error: Error) => boolean): Promise<unknown[]>;
  /** Cuts the connection; every question that is under way on it fails for this reason. */
  giveUp(reason: unknown): void;
};

function openLink(address: string, credentials: RedisCredentials): Link {
  const client = openRedis(address, credentials);
  let cause: unknown = null;
  let isGivenUp = false;
  let running = 0;
  let received = 0;
  let answered = false;

  const giveUp = (reason: unknown) => {
    cause ??= reason;
    isGivenUp = true;
    client.disconnect();
    // A hung server never answers the farewell.
    client.stream?.destroy();
  };
  client.on('error', (error) => {
    cause ??= error;
  });
  client.on('connect', () => {
    client.stream.on('data', (chunk: Buffer) => {
      received += chunk.length;
      if (received > MAX_BYTES) giveUp(new ProbeError('too-large', `${address}: more than ${MAX_BYTES} bytes`));
    });
  });
  const connected = client.connect();

  return {
    isAlive: () => !isGivenUp && cause === null && client.status !== 'close' && client.status !== 'end',
    giveUp,
    hasWorked: () => answered,
    async run(commands, isAnswer) {
      if (running === 0) received = 0;
      running += 1;
      try {
        await connected;
        const answers = await client.pipeline(commands.map((command) => [...command])).exec();
        if (answers === null) throw new ProbeError('reset', `${address} closed the connection`);
        answered = true;
        return answers.map(([error, value]) => {
          if (error === null) return value;
          if (isAnswer(error)) return error.message;
          if (FAREWELL.test(error.message)) giveUp(error);
          throw error;
        });
      } catch (error) {
        // A refusal of this very question tells more than what became of the connection.
        const isRefusal = error instanceof Error && error.name === 'ReplyError';
        throw redisFailure(isRefusal ? error : (cause ?? error), credentials);
      } finally {
        running -= 1;
      }
    },
  };
}

/** A client that is not connected yet and does nothing by itself. */
export function openRedis(address: string, credentials: RedisCredentials): Redis {
  const colon = address.lastIndexOf(':');
  return new Redis({
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
    ...(credentials.user === undefined ? {} : { username: credentials.user }),
    ...(credentials.password === undefined ? {} : { password: credentials.password }),
    ...ONE_TRY,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: 'trellis',
  });
}

/** Redis tells its refusals by the first word of the message. Old servers repeat the password in it. */
export function redisFailure(error: unknown, { password }: RedisCredentials): unknown {
  if (!(error instanceof Error) || error instanceof ProbeError) return error;
  const message = password ? error.message.replaceAll(password, '***') : error.message;
  const code = REFUSALS.find(([pattern]) => pattern.test(message))?.[1];
  return code === undefined ? error : new ProbeError(code, message);
}

/** What Redis says before it hangs up. */
const FAREWELL = /^(DENIED|ERR max number of clients)/;

const REFUSALS: readonly (readonly [RegExp, ProbeCode])[] = [
  [/^(NOAUTH|WRONGPASS)/, 'auth'],
  [/^(NOPERM|DENIED)/, 'forbidden'],
  [/^(LOADING|BUSY|MASTERDOWN|TRYAGAIN|ERR max number of clients)/, 'server-error'],
  [/^[A-Z]+ /, 'protocol'],
  // What the decoder appends when it does not understand the bytes.
  [/Please report this/, 'protocol'],
  [/Connection is closed|Command aborted due to connection close/, 'reset'],
];
