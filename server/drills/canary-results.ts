/** The canaries' way out: results as applications read them, through their entrance to the store, and again after a loss. */
import { Redis } from 'ioredis';
import { refuseUnasked } from '#server/ingest/result-reader-guard.ts';
import { redact } from '#server/observability/redact.ts';
import { databaseOf } from '#server/redis/database-of.ts';
import type { RedisLogin } from '#server/redis/login.ts';
import { ONE_TRY } from '#server/redis/one-try.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { RETRY_MS } from './canary-broker.ts';

export type CanaryResultsOptions = {
  /** `redis://address:port/db` */
  url: string;
  /** Instead of what the URL says. */
  login: RedisLogin | undefined;
  /** What keys begin with; the id follows. */
  keyStart: string;
  /** What ids begin with. */
  idStart: string;
  clock: TimerClock;
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
/** Without an answer for so much longer than usual, another connection is tried beside it: through a proxy it may lead elsewhere. */
const HEDGE_MS = 100;

/** Connects at once to listen, and when something is asked: what subscribes cannot ask. */
export function openCanaryResults(options: CanaryResultsOptions): CanaryResults {
  const { keyStart, idStart, onTold } = options;
  const listening = keepConnected(options, async (client) => {
    client.on('pmessage', (_pattern: string, channel: string, text: string) =>
      onTold(channel.slice(keyStart.length), text),
    );
    // One pattern for all: a canary that runs twice is announced twice, whenever that is.
    await client.psubscribe(`${globEscaped(keyStart + idStart)}*`);
  });

  // Both go through the same entrance: what hangs here, hangs there.
  const asking = openAsking(options, () => listening.drop('it hangs'));

  return {
    async read(ids) {
      if (ids.length === 0) return new Map();
      const texts = await asking.ask((client) => client.mget(ids.map((id) => keyStart + id)));
      return texts === null ? null : new Map(ids.map((id, i) => [id, texts[i] ?? null]));
    },
    remove: async (ids) =>
      ids.length === 0 || (await asking.ask((client) => client.unlink(ids.map((id) => keyStart + id)))) !== null,
    close() {
      asking.close();
      listening.close();
    },
  };
}

type Asking = {
  /** The answer to the question that comes first; null = nobody answers. */
  ask<T>(question: (client: Redis) => Promise<T>): Promise<T | null>;
  close(): void;
};

/**
 * Asks on the connection that answered last. While it hangs the question goes out on new ones too, again and again, so that a
 * store that is back is noticed at once, not when the time of an old question is over. `onHang`: another one answered instead.
 */
function openAsking(options: CanaryResultsOptions, onHang: () => void): Asking {
  const { clock, onProblem } = options;
  const open = new Set<Redis>();
  let current: Redis | null = null;
  let usualMs = 0;
  let isClosed = false;
  /** One question at a time. */
  let last: Promise<unknown> = Promise.resolve();

  async function connected(): Promise<Redis> {
    const client = newClient(options);
    open.add(client);
    client.on('error', () => undefined); // the question that failed says it
    client.on('end', () => end(client));
    await client.connect();
    const { db } = storeOf(options);
    if (db !== 0) await client.select(db);
    refuseUnasked(client, () => client.disconnect());
    return client;
  }

  function end(client: Redis): void {
    if (current === client) current = null;
    if (!open.delete(client)) return;
    client.disconnect();
    client.stream?.destroy();
  }

  async function answered<T>(question: (client: Redis) => Promise<T>): Promise<T | null> {
    const askedAt = clock.now();
    const before = current;
    const { promise: over, resolve } = Promise.withResolvers<{ client: Redis; answer: T } | null>();
    let cancel = () => {};
    let why: unknown = `no answer within ${ANSWER_LIMIT_MS / 1_000} s`;
    const attempt = async (on: Redis | Promise<Redis>) => {
      try {
        const client = await on;
        resolve({ client, answer: await question(client) });
      } catch (error) {
        why = error;
      }
    };
    const again = () => {
      if (isClosed || clock.now() - askedAt >= ANSWER_LIMIT_MS) return resolve(null);
      void attempt(connected());
      cancel = clock.after(HEDGE_MS, again);
    };
    if (before === null) again();
    else {
      void attempt(before);
      cancel = clock.after(usualMs + HEDGE_MS, again);
    }
    const first = await over;
    cancel();
    if (first !== null) usualMs = Math.min(ANSWER_LIMIT_MS / 2, clock.now() - askedAt);
    else if (!isClosed) onProblem(`results: ${described(why, options)}`);
    current = first?.client ?? null;
    for (const client of [...open]) if (client !== current) end(client);
    if (before !== null && current !== before) onHang();
    return first === null ? null : first.answer;
  }

  return {
    ask(question) {
      const answer = last.then(() => answered(question));
      last = answer;
      return answer;
    },
    close() {
      isClosed = true;
      for (const client of [...open]) end(client);
    },
  };
}

type Kept = {
  drop(why: string): void;
  close(): void;
};

function keepConnected(options: CanaryResultsOptions, begin: (client: Redis) => Promise<void>): Kept {
  const { clock, onProblem } = options;
  let current: Redis | null = null;
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
      .catch((error) => lost(client, error));
  }

  function lost(client: Redis, cause: unknown): void {
    if (current !== client) return;
    end(client);
    if (isClosed) return;
    onProblem(`results: ${described(cause, options)}`);
    cancelRetry = clock.after(RETRY_MS, open);
  }

  function end(client: Redis): void {
    current = null;
    client.disconnect();
    client.stream?.destroy();
  }

  open();
  return {
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

/** Without a database: one that may not be selected is an error only where it is asked for. */
function newClient(options: CanaryResultsOptions): Redis {
  const { url, user, password } = storeOf(options);
  return new Redis(url, {
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...ONE_TRY,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: 'trellis (canaries)',
  });
}

/** A prefix as Redis's patterns read it: itself. */
function globEscaped(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, '\\$&');
}

/** The URL taken apart: ioredis would take what stands in it before what it is told beside it. */
function storeOf({ url, login }: Pick<CanaryResultsOptions, 'url' | 'login'>) {
  const parsed = new URL(url);
  const [user, password] = [parsed.username, parsed.password].map((text) => decodeURIComponent(text) || undefined);
  const { user: as, password: by } = login ?? { user, password };
  return { url: `${parsed.protocol}//${parsed.host}`, db: databaseOf(url), user: as, password: by };
}

function described(error: unknown, options: CanaryResultsOptions): string {
  const message = redact(error instanceof Error ? error.message : String(error));
  const { password } = storeOf(options);
  return password ? message.replaceAll(password, '***') : message;
}
