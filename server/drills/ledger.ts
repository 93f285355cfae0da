/**
 * The ledger: what became of every canary. It takes what happened in any order and any number of times, and tells the same.
 * Pure: `now` is an argument; times are epoch ms by Trellis's clock unless something else is said.
 */
import type { DrillPath, LedgerCount, Outage } from '#lib/model/drill.ts';
import type { CanaryEvent } from './canary.ts';
import { createWorkerClocks, type WorkerClocks } from './ledger-clocks.ts';
import { type Lane, outagesOf, type Still } from './ledger-outages.ts';
import { tickLanes } from './ledger-ticks.ts';

/** One thing that happened to a canary, or around it. */
export type CanaryHappening =
  | { kind: 'published'; id: string; at: number; queue: string }
  | { kind: 'confirmed'; id: string; at: number }
  /** Given back, refused, or the connection broke before its confirm: the publisher knows that it may not run. */
  | { kind: 'unconfirmed'; id: string; at: number }
  /** What Celery's events tell: `at` by the worker's clock; `pid` is that of the worker itself. */
  | (CanaryEvent & { kind: 'event'; heardAt: number })
  /** Its result was read, or announced: `doneAt` by the worker's clock; null = not told. */
  | { kind: 'result'; id: string; at: number; worker: string | null; doneAt: number | null }
  /** Its result was asked for. */
  | { kind: 'checked'; id: string; at: number; found: boolean }
  /** A worker's process was heard of, by whatever it said. */
  | { kind: 'alive'; worker: string; pid: number; at: number }
  /** Beat sent a task of this schedule. */
  | { kind: 'tick'; name: string; at: number }
  /** Trellis itself stood still. */
  | { kind: 'still'; from: number; to: number }
  /** No more canaries are published. */
  | { kind: 'ended'; at: number };

export type LedgerSettings = {
  /** Since when canaries are published. */
  beganAt: number;
  /** Between two canaries of one queue. */
  intervalMs: number;
  /** At most between two attempts to reach an entrance that is away. */
  retryMs: number;
  /** So long a canary may wait in a queue. */
  expiresMs: number;
  /** So long a broker may take to deliver again what a dead consumer held. */
  redeliveryMs: number;
};

/** The account at one time. */
export type Account = {
  counts: LedgerCount;
  outages: readonly Outage[];
  /** Paths of which too few signs came: of a schedule fewer than teach its rhythm. */
  unmeasured: readonly DrillPath[];
  /** For so long nobody published or looked. */
  stoodStillMs: number;
  /** Ids, sorted. */
  judged: { lost: readonly string[]; repeated: readonly string[]; resultsLost: readonly string[] };
};

export type Ledger = {
  note(happening: CanaryHappening): void;
  account(now: number): Account;
  /** Ids of published canaries whose result has not been seen. */
  withoutResult(): readonly string[];
  /** Ids of all that were published. */
  ids(): readonly string[];
};

type Run = { worker: string | null; pid?: number | null; at: number; heardAt: number };
type Entry = {
  id: string;
  queue: string | null;
  publishedAt: number;
  confirmedAt: number;
  unconfirmed: boolean;
  started: Map<string, Run>;
  succeeded: Map<string, Run>;
  /** Failed, or revoked before it ran. */
  failed: boolean;
  revoked: boolean;
  /** `at` = when it was seen first. */
  results: Map<string, Run>;
  check: { at: number; found: boolean } | null;
};
type Fate = 'nothing' | 'unconfirmed' | 'open' | 'lost' | 'done' | 'result-lost';

const NEVER = Number.POSITIVE_INFINITY;
const DELAYED_MS = 1_000;
/** Less than any task takes. */
const SAME_MS = 0.1;
/** A canary takes milliseconds: a worker that says something so long after beginning one has done it. */
const OUTLIVED_MS = 5_000;
/** A gap of this many intervals is an outage. */
const CANARY_PATIENCE = 2.5;

/** An empty ledger. */
export function createLedger(settings: LedgerSettings): Ledger {
  const entries = new Map<string, Entry>();
  const ticks = new Map<string, Set<number>>();
  /** By their begin. */
  const stills = new Map<number, Still>();
  /** When each process was heard of last, by `processKey`. */
  const aliveAt = new Map<string, number>();
  let endedAt = NEVER;

  function entryOf(id: string): Entry {
    const known = entries.get(id) ?? newEntry(id);
    entries.set(id, known);
    return known;
  }

  function note(happening: CanaryHappening): void {
    if (happening.kind === 'ended') endedAt = Math.min(endedAt, happening.at);
    else if (happening.kind === 'tick') {
      ticks.set(happening.name, (ticks.get(happening.name) ?? new Set()).add(happening.at));
    } else if (happening.kind === 'still') {
      const { from, to } = happening;
      stills.set(from, { from, to: Math.max(to, stills.get(from)?.to ?? to) });
    } else if (happening.kind === 'alive') {
      const key = processKey(happening);
      aliveAt.set(key, Math.max(aliveAt.get(key) ?? happening.at, happening.at));
    } else noteIn(entryOf(happening.id), happening);
  }

  return {
    note,
    ids: () => published(entries).map(({ id }) => id),
    withoutResult: () =>
      published(entries)
        .filter(({ results }) => results.size === 0)
        .map(({ id }) => id),
    account(now) {
      const all = published(entries);
      const hears = all.some(({ started, succeeded }) => started.size + succeeded.size > 0);
      const judgedAt = judgingTimes(all, settings);
      const outlived = outlivedBy(all, aliveAt);
      const fates = new Map(
        all.map((entry) => {
          const told = { isOverdue: now >= (judgedAt.get(entry) ?? NEVER), hears, isOutlived: outlived(entry) };
          return [entry, fateOf(entry, told)];
        }),
      );
      const idsOf = (isIn: (entry: Entry) => boolean) =>
        all
          .filter(isIn)
          .map(({ id }) => id)
          .sort();
      const judged = {
        lost: idsOf((entry) => fates.get(entry) === 'lost'),
        repeated: idsOf((entry) => runsOf(entry) > 1),
        resultsLost: idsOf((entry) => fates.get(entry) === 'result-lost'),
      };
      const clocks = clocksOf(all);
      const has = (isIn: (entry: Entry) => boolean) => all.filter(isIn).length;
      const counts: LedgerCount = {
        published: all.length,
        confirmed: has(({ confirmedAt }) => confirmedAt < NEVER),
        executed: has((entry) => hasRun(entry) || fates.get(entry) === 'result-lost'),
        lost: judged.lost.length,
        repeated: judged.repeated.length,
        resultsLost: judged.resultsLost.length,
        open: has((entry) => fates.get(entry) === 'open'),
        delayed: has((entry) => entry.confirmedAt < NEVER && tookMs(entry, clocks) > DELAYED_MS),
        unconfirmed: has((entry) => fates.get(entry) === 'unconfirmed'),
      };
      const isWaiting = (entry: Entry) => fates.get(entry) === 'open';
      const schedule = tickLanes(ticks, settings.beganAt, endedAt, now);
      const known = [...stills.values()];
      const canaries = canaryLanes(all, clocks, isWaiting, endedAt, now, settings);
      const lanes = [...canaries.map((lane) => ({ ...lane, stills: known })), ...schedule];
      // Ticks from before the run teach the rhythm; what they lacked then is no cost of it.
      const outages = outagesOf(lanes).filter(({ to }) => to === null || to > settings.beganAt);
      const stoodStillMs = known.reduce((sum, { from, to }) => sum + to - from, 0);
      return { counts, judged, outages, stoodStillMs, unmeasured: schedule.length === 0 ? ['schedule'] : [] };
    },
  };
}

function newEntry(id: string): Entry {
  return {
    ...{ id, queue: null, publishedAt: NEVER, confirmedAt: NEVER, unconfirmed: false, failed: false, revoked: false },
    ...{ started: new Map(), succeeded: new Map(), results: new Map(), check: null },
  };
}

function published(entries: ReadonlyMap<string, Entry>): Entry[] {
  return [...entries.values()].filter(({ publishedAt }) => publishedAt < NEVER);
}

function noteIn(
  entry: Entry,
  happening: Exclude<CanaryHappening, { kind: 'alive' | 'tick' | 'still' | 'ended' }>,
): void {
  switch (happening.kind) {
    case 'published':
      entry.queue = happening.queue;
      entry.publishedAt = Math.min(entry.publishedAt, happening.at);
      break;
    case 'confirmed':
      entry.confirmedAt = Math.min(entry.confirmedAt, happening.at);
      break;
    case 'unconfirmed':
      entry.unconfirmed = true;
      break;
    case 'checked':
      noteCheck(entry, happening.at, happening.found);
      break;
    case 'result': {
      const { worker, doneAt, at } = happening;
      noteRun(entry.results, { worker, at: doneAt ?? at, heardAt: at }, doneAt !== null);
      noteCheck(entry, at, true);
      break;
    }
    case 'event': {
      const { type, worker, pid, at, heardAt } = happening;
      if (type === 'started') noteRun(entry.started, { worker, pid, at, heardAt });
      if (type === 'succeeded') noteRun(entry.succeeded, { worker, pid, at, heardAt });
      if (type === 'failed') entry.failed = true;
      if (type === 'revoked') entry.revoked = true;
    }
  }
}

/** The same told again is the same run: also by the history, which keeps whole microseconds. */
function noteRun(runs: Map<string, Run>, run: Run, isTimed = true): void {
  const isSame = ({ worker, at }: Run) => worker === run.worker && Math.abs(at - run.at) < SAME_MS;
  const same = isTimed ? [...runs].find(([, one]) => isSame(one))?.[0] : undefined;
  const key = same ?? `${run.worker}|${isTimed ? run.at : null}`;
  const known = runs.get(key);
  runs.set(key, known === undefined || run.heardAt < known.heardAt ? run : known);
}

/** The newest answer counts. */
function noteCheck(entry: Entry, at: number, found: boolean): void {
  const { check } = entry;
  if (check === null || at > check.at || (at === check.at && found)) entry.check = { at, found };
}

function hasRun({ succeeded, results, failed }: Entry): boolean {
  return succeeded.size + results.size > 0 || failed;
}

/**
 * How often it ran. A worker may store, and announce, the result of one run twice; only events tell that apart from two
 * runs, or that two workers did it.
 */
function runsOf({ started, succeeded, results }: Entry): number {
  if (started.size + succeeded.size === 0) return results.size;
  const workers = new Set([...results.values()].flatMap(({ worker }) => worker ?? []));
  return Math.max(started.size, succeeded.size, workers.size);
}

/**
 * When each can no longer run: it has expired, or its queue has given out younger ones; and what a consumer held that died
 * could have been delivered again since.
 */
function judgingTimes(entries: readonly Entry[], { expiresMs, redeliveryMs }: LedgerSettings): Map<Entry, number> {
  const youngestFirst = [...entries].sort((a, b) => b.publishedAt - a.publishedAt || (a.id < b.id ? 1 : -1));
  const overtakenAt = new Map<string | null, number>();
  const times = new Map<Entry, number>();
  for (const entry of youngestFirst) {
    const overtaken = overtakenAt.get(entry.queue) ?? NEVER;
    times.set(entry, Math.min(entry.publishedAt + expiresMs, overtaken) + redeliveryMs);
    const ranAt = [...entry.started.values(), ...entry.succeeded.values(), ...entry.results.values()].map(
      ({ heardAt }) => heardAt,
    );
    overtakenAt.set(entry.queue, Math.min(overtaken, ...ranAt));
  }
  return times;
}

/**
 * Whether the process that began a canary went on working afterwards. A worker that cannot store a result says nothing of the
 * task's end, neither then nor later; one that died says nothing at all any more.
 */
function outlivedBy(entries: readonly Entry[], aliveAt: ReadonlyMap<string, number>): (entry: Entry) => boolean {
  const lastAt = new Map<string, number>();
  const runs = ({ started, succeeded }: Entry) =>
    [...started.values(), ...succeeded.values()].filter(({ pid }) => pid != null);
  for (const run of entries.flatMap(runs)) {
    lastAt.set(processKey(run), Math.max(lastAt.get(processKey(run)) ?? run.at, run.at));
  }
  const outlives = (run: Run) => {
    const [lastRun = 0, alive = 0] = [lastAt.get(processKey(run)), aliveAt.get(processKey(run))];
    return lastRun - run.at >= OUTLIVED_MS || alive - run.heardAt >= OUTLIVED_MS;
  };
  return (entry) => runs(entry).some(outlives);
}

function processKey({ worker, pid }: { worker: string | null; pid?: number | null }): string {
  return `${worker}|${pid}`;
}

/** `hears` = events of canaries come at all: without them a task that was lost looks like one whose result was. */
function fateOf(
  entry: Entry,
  { isOverdue, hears, isOutlived }: { isOverdue: boolean; hears: boolean; isOutlived: boolean },
): Fate {
  if (entry.confirmedAt === NEVER) return entry.unconfirmed ? 'unconfirmed' : 'open';
  const { check } = entry;
  if (!hasRun(entry)) {
    if (entry.revoked) return 'lost';
    // One that began and never ended: only the result store can tell whether it did.
    const isTold = hears && (entry.started.size === 0 || check !== null);
    if (!isOverdue || !isTold) return 'open';
    return isOutlived ? 'result-lost' : 'lost';
  }
  if (check === null) return 'open';
  if (check.found) return 'done';
  // A worker stores the result before it tells of the success.
  const storedAt = Math.min(...[...entry.succeeded.values(), ...entry.results.values()].map(({ heardAt }) => heardAt));
  return storedAt <= check.at || isOverdue ? 'result-lost' : 'open';
}

function clocksOf(entries: readonly Entry[]): WorkerClocks {
  const clocks = createWorkerClocks();
  for (const { publishedAt, started, succeeded, results } of entries) {
    const seenAt = Math.min(...[...results.values()].map(({ heardAt }) => heardAt));
    for (const { worker, at, heardAt } of started.values()) {
      // The result of another run says nothing about this one.
      clocks.bound(worker, at, publishedAt, started.size === 1 ? Math.min(heardAt, seenAt) : heardAt);
    }
    if (started.size + succeeded.size > 0) continue;
    for (const { worker, at, heardAt } of results.values()) clocks.bound(worker, at, publishedAt, heardAt);
  }
  return clocks;
}

/** When it ran, by Trellis's clock. */
function runTimes({ started, succeeded, results }: Entry, clocks: WorkerClocks): Lane['points'] {
  const told = started.size > 0 ? started : succeeded.size > 0 ? succeeded : results;
  return [...told.values()].map(({ worker, at }) => clocks.correct(worker, at));
}

function resultTime({ results }: Entry): number {
  return Math.min(...[...results.values()].map(({ heardAt }) => heardAt));
}

/** From publishing to the result, or to the run where there is none. */
function tookMs(entry: Entry, clocks: WorkerClocks): number {
  const seenAt = resultTime(entry);
  const ranAt = Math.min(...runTimes(entry, clocks).map(({ at }) => at));
  const tookTo = seenAt < NEVER ? seenAt : ranAt;
  return tookTo < NEVER ? tookTo - entry.publishedAt : 0;
}

function canaryLanes(
  entries: readonly Entry[],
  clocks: WorkerClocks,
  isWaiting: (entry: Entry) => boolean,
  endedAt: number,
  now: number,
  { beganAt, intervalMs, retryMs }: LedgerSettings,
): Lane[] {
  const queues = new Set(entries.map(({ queue }) => queue));
  // Before the first canary there is no queue to tell of: then all of it waits.
  return (queues.size === 0 ? [null] : [...queues]).flatMap((queue) => {
    const own = entries.filter((entry) => entry.queue === queue);
    const points = {
      publish: own.filter(({ confirmedAt }) => confirmedAt < NEVER).map(({ confirmedAt: at }) => ({ at, errorMs: 0 })),
      execute: own.flatMap((entry) => runTimes(entry, clocks)),
      result: own.filter(({ results }) => results.size > 0).map((entry) => ({ at: resultTime(entry), errorMs: 0 })),
    };
    /** After the end only canaries that are younger than the last good sign can tell of an outage. */
    const untilOf = (signs: Lane['points']) => {
      if (endedAt > now) return now;
      const lastAt = signs.reduce((last, { at }) => Math.max(last, at), beganAt);
      return own.some((entry) => isWaiting(entry) && entry.publishedAt > lastAt) ? now : null;
    };
    const common = { beganAt, usualMs: intervalMs, patience: CANARY_PATIENCE };
    return [
      { ...common, path: 'publish', points: points.publish, retryMs, until: Math.min(now, endedAt) },
      { ...common, path: 'execute', points: points.execute, retryMs: 0, until: untilOf(points.execute) },
      { ...common, path: 'result', points: points.result, retryMs, until: untilOf(points.result) },
    ] satisfies Lane[];
  });
}
