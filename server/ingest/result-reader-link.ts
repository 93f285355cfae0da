/** One connection to one Redis that keeps results. It only reads; a server that hangs, lies or hangs up costs one question. */
import { Redis } from 'ioredis';
import type { RedisLogin } from '#server/redis/login.ts';
import { ONE_TRY } from '#server/redis/one-try.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { refuseUnasked, waitingQuestions } from './result-reader-guard.ts';

/** How to sign in. `db` is Redis's number of the database. */
export type ResultLogin = RedisLogin & { db: number };

/** What Redis answers to one command; its refusal of a single command is an Error. */
export type RedisAnswer = string | number | null | Error | readonly unknown[];

export type ResultLink = {
  /**
   * Runs read commands (lower case) in one pipeline, within `limitMs`; opens the connection where there is none.
   * @throws Error without credentials in it; the connection is then closed
   */
  run(commands: readonly (readonly string[])[], limitMs: number): Promise<RedisAnswer[]>;
  close(): void;
};

/** The only commands that are ever sent, besides signing in. */
const READS: ReadonlySet<string> = new Set(['role', 'strlen', 'get', 'scan']);
const CONNECT_TIMEOUT_MS = 1_500;
/** The largest answer to one pipeline; above all askers' own limits, for values that grow between two questions. */
const MAX_BYTES = 8 * 1024 * 1024;

/** A connection to `address:port` that the first question opens. */
export function resultLink(address: string, login: ResultLogin, clock: TimerClock): ResultLink {
  let open: { client: Redis; ready: Promise<void>; failed: Promise<never>; fail(cause: Error): void } | null = null;

  function connect() {
    const client = openClient(address, login);
    const { promise: failed, reject } = Promise.withResolvers<never>();
    // Nobody may be waiting at the moment when it breaks.
    failed.catch(() => undefined);
    const link = {
      client,
      failed,
      ready: Promise.resolve(),
      fail(cause: Error) {
        if (open === link) open = null;
        reject(cause);
        client.disconnect();
        // A hung server never answers the farewell.
        client.stream?.destroy();
      },
    };
    client.on('error', link.fail);
    client.on('end', () => link.fail(new Error('the connection was closed')));
    client.on('connect', () => watch(client, link.fail));
    link.ready = client.connect();
    link.ready.catch(() => undefined);
    return link;
  }

  return {
    async run(commands, limitMs) {
      const foreign = commands.find(([name = '']) => !READS.has(name));
      if (foreign !== undefined) throw new Error(`${foreign[0]} is no command for reading results`);
      open ??= connect();
      const link = open;
      const cancel = clock.after(limitMs, () => link.fail(new Error(`no answer within ${limitMs / 1000} s`)));
      try {
        const answers = await Promise.race([link.failed, link.ready.then(() => pipelined(link.client, commands))]);
        return answers;
      } catch (error) {
        link.fail(error as Error);
        throw new Error(`${address}: ${withoutSecret(error, login)}`, { cause: undefined });
      } finally {
        cancel();
      }
    },
    close: () => open?.fail(new Error('closed')),
  };
}

async function pipelined(client: Redis, commands: readonly (readonly string[])[]): Promise<RedisAnswer[]> {
  const answers = await client.pipeline(commands.map((command) => [...command])).exec();
  if (answers === null || answers.length !== commands.length) throw new Error('the connection was closed');
  const [first] = answers;
  const isRefused = first?.[0] != null && answers.every(([error]) => error?.message === first[0]?.message);
  if (isRefused) throw first[0];
  return answers.map(([error, value]) => (error ?? value) as RedisAnswer);
}

/** Ends a connection that says more than it was asked: too much, or unasked. */
function watch(client: Redis, fail: (cause: Error) => void): void {
  let received = 0;
  client.stream.on('data', (chunk: Buffer) => {
    if (waitingQuestions(client).length === 0) received = 0;
    received += chunk.length;
    if (received > MAX_BYTES) fail(new Error(`answers more than ${MAX_BYTES} bytes`));
  });
  refuseUnasked(client, () => fail(new Error('answers what it was not asked')));
}

function openClient(address: string, { user, password, db }: ResultLogin): Redis {
  const colon = address.lastIndexOf(':');
  return new Redis({
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    db,
    ...ONE_TRY,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: 'trellis (results)',
  });
}

/** Old servers repeat the password in their refusal. */
function withoutSecret(error: unknown, { password }: ResultLogin): string {
  const message = error instanceof Error ? error.message : String(error);
  return password ? message.replaceAll(password, '***') : message;
}
