/** The canaries' way out: results as applications read them, through their entrance to the store, and again after a loss. */
import { Redis } from 'ioredis';
import { refuseUnasked } from '#server/ingest/result-reader-guard.ts';
import { redact } from '#server/observability/redact.ts';
import { ONE_TRY } from '#server/redis/one-try.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { retryDelayMs } from './canary-broker.ts';

export type CanaryResultsOptions = {
  /** `redis://address:port/db` */
  url: string;
  /** Instead of those in the URL. */
  login: { user?: string | undefined; password?: string | undefined } | undefined;
  /** What keys begin with; the id follows. */
  keyStart: string;
  /** What ids begin with. */
  idStart: string;
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
  /** The store has announced a result. */
  onTold(id: string, text: string): void;
  /** For the log; without credentials. */
  onProblem(message: string): void;
};

export type CanaryResults = {
  /** The stored text of each id, null = there is none; null = the store cannot be read now. */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, string | null> | null>;
  /** Deletes; false = the store cannot be reached now. */
  remove(ids: readonly string[]): Promise<boolean>;
  close(): void;
};

const CONNECT_TIMEOUT_MS = 1_000;
/** A store that takes longer is away, for an application as for us. */
const ANSWER_LIMIT_MS = 1_000;

/** Connects at once, twice: what subscribes cannot ask. */
export function openCanaryResults(options: CanaryResultsOptions): CanaryResults {
  const { keyStart, idStart, clock, onTold } = options;
  const asking = keepConnected(options, async (client) => {
    refuseUnasked(client, () => client.disconnect());
  });
  const listening = keepConnected(options, async (client) => {
    client.on('pmessage', (_pattern: string, channel: string, text: string) =>
      onTold(channel.slice(keyStart.length), text),
    );
    // One pattern for all: a canary that runs twice is announced twice, whenever that is.
    await client.psubscribe(`${globEscaped(keyStart + idStart)}*`);
  });

  async function ask<T>(question: (client: Redis) => Promise<T>): Promise<T | null> {
    const client = asking.client();
    if (client === null) return null;
    const { promise: late, resolve: end } = Promise.withResolvers<null>();
    const cancel = clock.after(ANSWER_LIMIT_MS, () => {
      // Both go through the same entrance: what hangs here, hangs there.
      asking.drop(`no answer within ${ANSWER_LIMIT_MS / 1_000} s`);
      listening.drop('it hangs');
      end(null);
    });
    try {
      return await Promise.race([question(client), late]);
    } catch (error) {
      options.onProblem(`results: ${described(error, options)}`);
      return null;
    } finally {
      cancel();
    }
  }

  return {
    async read(ids) {
      if (ids.length === 0) return new Map();
      const texts = await ask((client) => client.mget(ids.map((id) => keyStart + id)));
      return texts === null ? null : new Map(ids.map((id, i) => [id, texts[i] ?? null]));
    },
    remove: async (ids) =>
      ids.length === 0 || (await ask((client) => client.unlink(ids.map((id) => keyStart + id)))) !== null,
    close() {
      asking.close();
      listening.close();
    },
  };
}

type Kept = {
  /** null = not connected now. */
  client(): Redis | null;
  drop(why: string): void;
  close(): void;
};

function keepConnected(options: CanaryResultsOptions, begin: (client: Redis) => Promise<void>): Kept {
  const { clock, onProblem } = options;
  let current: Redis | null = null;
  let isReady = false;
  let isClosed = false;
  let cancelRetry = () => {};

  function open(): void {
    const client = newClient(options);
    current = client;
    let cause: unknown = 'the connection was closed';
    client.on('error', (error) => {
      cause = error;
    });
    client.on('end', () => lost(client, cause));
    client
      .connect()
      .then(() => begin(client))
      .then(
        () => {
          isReady = current === client;
        },
        (error) => lost(client, error),
      );
  }

  function lost(client: Redis, cause: unknown): void {
    if (current !== client) return;
    end(client);
    if (isClosed) return;
    onProblem(`results: ${described(cause, options)}`);
    cancelRetry = clock.after(retryDelayMs(options.random()), open);
  }

  function end(client: Redis): void {
    current = null;
    isReady = false;
    client.disconnect();
    client.stream?.destroy();
  }

  open();
  return {
    client: () => (isReady ? current : null),
    drop(why) {
      if (current !== null) lost(current, why);
    },
    close() {
      isClosed = true;
      cancelRetry();
      if (current !== null) end(current);
    },
  };
}

function newClient({ url, login }: CanaryResultsOptions): Redis {
  return new Redis(url, {
    ...(login?.user === undefined ? {} : { username: login.user }),
    ...(login?.password === undefined ? {} : { password: login.password }),
    ...ONE_TRY,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: 'trellis (canaries)',
  });
}

/** A prefix as Redis's patterns read it: itself. */
function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}

function described(error: unknown, { login }: CanaryResultsOptions): string {
  const message = redact(error instanceof Error ? error.message : String(error));
  return login?.password ? message.replaceAll(login.password, '***') : message;
}
