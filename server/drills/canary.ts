/** Canaries: real Celery tasks that Trellis publishes and follows, numbered, through the applications' own entrances. */
import { randomUUID } from 'node:crypto';
import type { DrillPath, LedgerCount, Outage } from '#lib/model/drill.ts';
import type { TaskEventType } from '#lib/model/task.ts';
import { CANARY_NAME, CANARY_PREFIX } from '#server/celery/events.ts';
import { parseResult } from '#server/celery/results.ts';
import { resultKeyStart } from '#server/ingest/result-reader.ts';
import type { RedisLogin } from '#server/redis/login.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { entranceOf, openCanaryBroker, RETRY_MS } from './canary-broker.ts';
import { openCanaryResults } from './canary-results.ts';
import { type Account, type CanaryHappening, createLedger } from './ledger.ts';
import { watchStill } from './watch-still.ts';

export type CanaryOptions = {
  /** AMQP URLs of the applications' entrances, tried in turn. */
  brokers: readonly string[];
  /** Redis URL of the applications' result store. */
  results: string;
  /** At least one; each gets its share. */
  queues: readonly string[];
  /** Of all queues together. */
  perSecond: number;
  /** As whom; those in the URLs unless told. */
  login?: { user: string; password: string } | undefined;
  resultsLogin?: RedisLogin | undefined;
  /** Celery's `global_keyprefix` of the result store. */
  keyPrefix?: string | undefined;
  /** How long a canary may wait in its queue, and a broker may keep what a dead consumer held; then it is judged. */
  expiresMs?: number | undefined;
  redeliveryMs?: number | undefined;
};

/** What Celery's events tell of a canary, `at` by the worker's clock (epoch ms); `pid` is the worker's own process. */
export type CanaryEvent = {
  id: string;
  type: TaskEventType;
  at: number;
  worker: string | null;
  pid: number | null;
};

export type Canary = {
  /** What the ids of these canaries begin with. */
  readonly idStart: string;
  /** Everything so far, by one clock (epoch ms). */
  readonly counts: LedgerCount;
  readonly outages: readonly Outage[];
  /** Paths of which too few signs came to tell. */
  readonly unmeasured: readonly DrillPath[];
  /** For so long Trellis itself stood still. */
  readonly stoodStillMs: number;
  /** Numbers (ids) of those that were lost, repeated, or whose result is missing. */
  readonly judged: { lost: readonly string[]; repeated: readonly string[]; resultsLost: readonly string[] };
  /** Tasks that are no canary of these are passed over. */
  noteEvent(event: CanaryEvent): void;
  /** The worker's process (its pid) was heard of at `at` (epoch ms). */
  noteAlive(worker: string, pid: number, at: number): void;
  /** Beat sent a task of this schedule (epoch ms). */
  noteTick(name: string, at: number): void;
  /** Stops publishing and waits until every canary is judged, and a schedule that stopped ticks again, or `limitMs`. */
  finish(limitMs: number): Promise<void>;
  /** Removes the canaries' results and closes everything. */
  close(): Promise<void>;
};

/** Longer than any outage from which an estate comes back by itself. */
const EXPIRES_MS = 180_000;
/** Two missed heartbeats of the usual length, after which a broker takes a consumer for dead, and then some. */
const REDELIVERY_MS = 45_000;
const MIN_LOOK_MS = 50;
const READ_AT_ONCE = 500;
/** Of those without a result as many are asked for at each look; the others in their turn. */
const LOOK_FOR = 200;
const FINISH_LOOK_MS = 500;
const REMOVE_TRIES = 20;
const REMOVE_RETRY_MS = 250;
const ACCOUNT_FRESH_MS = 100;
/** An outage is many attempts that fail alike. */
const SAID_AGAIN_MS = 10_000;

/** Publishes at once, until `finish` or `close`. `log` hears what went wrong. @throws TypeError for a URL that is none */
export function startCanary(options: CanaryOptions, clock: TimerClock, log: (message: string) => void): Canary {
  const { queues, perSecond } = options;
  const everyMs = 1_000 / perSecond;
  const expiresMs = options.expiresMs ?? EXPIRES_MS;
  const idStart = `${CANARY_PREFIX}${randomUUID().slice(0, 8)}-`;
  const beganAt = clock.now();
  const ledger = createLedger({
    ...{ beganAt, intervalMs: everyMs * queues.length, retryMs: RETRY_MS, expiresMs },
    redeliveryMs: options.redeliveryMs ?? REDELIVERY_MS,
  });
  const said = { clock, onProblem: sparing(log, clock) };
  const broker = openCanaryBroker({
    ...said,
    entrances: options.brokers.map((url) => entranceOf(url, options.login)),
    onConfirmed: (id) => note({ kind: 'confirmed', id, at: clock.now() }),
    onUnconfirmed: (id) => note({ kind: 'unconfirmed', id, at: clock.now() }),
  });
  const results = openCanaryResults({
    ...said,
    ...{
      url: options.results,
      login: options.resultsLogin,
      keyStart: resultKeyStart(options.keyPrefix ?? ''),
      idStart,
    },
    onTold: noteResult,
  });
  let number = 0;
  let isPublishing = true;
  let isClosed = false;
  let cancelPublish = () => {};
  let cancelLook = () => {};
  const cancelWatch = watchStill(clock, (from, to) => note({ kind: 'still', from, to }));
  let kept: { at: number; account: Account } | null = null;

  function note(happening: CanaryHappening): void {
    if (!isClosed) ledger.note(happening);
  }

  function account(): Account {
    const now = clock.now();
    // It is asked for several figures at a time, and counts thousands.
    if (kept === null || now < kept.at || now - kept.at >= ACCOUNT_FRESH_MS)
      kept = { at: now, account: ledger.account(now) };
    return kept.account;
  }

  function noteResult(id: string, text: string): void {
    const told = endOf(text);
    if (told === null || !id.startsWith(idStart)) return;
    note({ kind: 'result', id, at: clock.now(), ...told });
  }

  function publishNext(dueAt: number): void {
    const now = clock.now();
    const queue = queues[number % queues.length] ?? '';
    const id = `${idStart}${String(number).padStart(6, '0')}`;
    // What an outage has made impossible is not made up for afterwards.
    const nextAt = Math.max(dueAt + everyMs, now);
    cancelPublish = clock.after(nextAt - now, () => publishNext(nextAt));
    // No time limit: storing the result counts towards it, and a worker that waits for the store would be ended for it.
    const call = {
      ...{ id, name: CANARY_NAME, args: [id], kwargs: { index: 0 }, origin: `gen${process.pid}@trellis` },
      expires: now + expiresMs,
    };
    if (!broker.publish(call, queue)) return;
    number += 1;
    note({ kind: 'published', id, at: now, queue });
  }

  let from = 0;
  async function look(): Promise<void> {
    const missing = ledger.withoutResult();
    if (from >= missing.length) from = 0;
    // The newest are the ones that an outage shows in; the oldest may never come.
    const asked = [...new Set([...missing.slice(-LOOK_FOR), ...missing.slice(from, from + LOOK_FOR)])];
    from += LOOK_FOR;
    const found = await results.read(asked);
    for (const [id, text] of found ?? []) if (text !== null) noteResult(id, text);
    if (!isClosed) cancelLook = clock.after(Math.max(MIN_LOOK_MS, everyMs), () => void look());
  }

  /** Asks for every result once more: a store that lost its master may have lost what was there. False = it cannot be read. */
  async function checkAll(): Promise<boolean> {
    for (const ids of chunks(ledger.ids(), READ_AT_ONCE)) {
      const found = await results.read(ids);
      if (found === null) return false;
      for (const [id, text] of found) {
        if (text === null) note({ kind: 'checked', id, at: clock.now(), found: false });
        else noteResult(id, text);
      }
    }
    return true;
  }

  function stopPublishing(): void {
    if (!isPublishing) return;
    isPublishing = false;
    cancelPublish();
    note({ kind: 'ended', at: clock.now() });
  }

  async function removeResults(): Promise<void> {
    for (const ids of chunks(ledger.ids(), READ_AT_ONCE)) {
      let tries = 0;
      while (!(await results.remove(ids))) {
        tries += 1;
        if (tries >= REMOVE_TRIES)
          return log('results: the canaries’ own could not be removed; they expire by themselves');
        await pause(clock, REMOVE_RETRY_MS);
      }
    }
  }

  publishNext(beganAt);
  void look();
  return {
    idStart,
    get counts() {
      return account().counts;
    },
    get outages() {
      return account().outages;
    },
    get unmeasured() {
      return account().unmeasured;
    },
    get stoodStillMs() {
      return account().stoodStillMs;
    },
    get judged() {
      return account().judged;
    },
    noteEvent(event) {
      if (event.id.startsWith(idStart)) note({ kind: 'event', ...event, heardAt: clock.now() });
    },
    noteAlive: (worker, pid, at) => note({ kind: 'alive', worker, pid, at }),
    noteTick: (name, at) => note({ kind: 'tick', name, at }),
    async finish(limitMs) {
      stopPublishing();
      const endAt = clock.now() + limitMs;
      for (;;) {
        const isChecked = await checkAll();
        kept = null;
        if (isClosed || (isChecked && isJudged(account())) || clock.now() >= endAt) return;
        await pause(clock, FINISH_LOOK_MS);
      }
    },
    async close() {
      if (isClosed) return;
      stopPublishing();
      isClosed = true;
      cancelLook();
      cancelWatch();
      broker.close();
      await removeResults();
      results.close();
    },
  };
}

/** Nothing more is to come: no canary, and no tick of a schedule that has stopped. */
function isJudged({ counts, outages }: Account): boolean {
  return counts.open === 0 && !outages.some(({ path, to }) => path === 'schedule' && to === null);
}

/** Who ended a task, and when (epoch ms by the worker's clock); null = it has not run to an end. */
function endOf(text: string): { worker: string | null; doneAt: number | null } | null {
  try {
    const { status, worker, doneAt } = parseResult(text);
    return status === 'SUCCESS' || status === 'FAILURE' ? { worker, doneAt } : null;
  } catch {
    return null;
  }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const found: T[][] = [];
  for (let at = 0; at < all.length; at += size) found.push(all.slice(at, at + size));
  return found;
}

/** Says the same at most once in ten seconds. */
function sparing(say: (message: string) => void, clock: TimerClock): (message: string) => void {
  const saidAt = new Map<string, number>();
  return (message) => {
    const now = clock.now();
    if (now - (saidAt.get(message) ?? Number.NEGATIVE_INFINITY) < SAID_AGAIN_MS) return;
    saidAt.set(message, now);
    say(message);
  };
}

function pause(clock: TimerClock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}
