/**
 * The witness's account: what became of tasks, from what workers and beat wrote down and what was seen in the result store. It
 * knows nothing of Trellis's ledger. Pure; times are epoch ms.
 */
import type { DrillPath } from '#lib/model/drill.ts';
import { quantile } from './report.ts';

/** Between two canaries, and between two tasks of the witness. */
export const INTERVAL_MS = 100;
/** How long the witness waits before it tries again what has failed. */
export const RETRY_MS = 50;
const CANARY_ID = /^trellis-[0-9a-f]{8}-\d{6,}$/;
/** A path whose last sign is so many usual gaps ago is out. Ticks come by the clock, and are not jostled by other tasks. */
const PATIENCE = { tasks: 2.5, ticks: 1.5 } as const;
/** Of the gaps this share is usual … */
const USUAL_SHARE = 0.95;
/** … up to so many times what was planned: a path that is always slow must not hide that it is out. */
const USUAL_LIMIT = 2;
/** A canary takes milliseconds: a worker that says something so long after beginning one has done it. */
const OUTLIVED_MS = 5_000;

/** A line of the lab's account (`account.py`): `timestamp` in seconds, `pid` is the worker's own process. */
export type AccountLine = {
  readonly type: string;
  readonly uuid: string;
  readonly timestamp: number;
  readonly hostname?: string;
  readonly pid?: number;
  /** Of a tick: the keyword arguments of its task. */
  readonly schedule?: string;
};

/** What was seen of one task. */
export type Seen = {
  /** Runs by worker and time, when, and in which process. */
  readonly started: Map<string, { readonly at: number; readonly process: string }>;
  /** … those that came to their end. */
  readonly ended: Map<string, number>;
  /** Results that were announced, by worker and time, who ran it, and when that was heard first. */
  readonly announced: Map<
    string,
    { readonly worker: string | null; readonly doneAt: number; readonly heardAt: number }
  >;
  /** Its result was there in the end. */
  stored: boolean;
};

/** A task of the witness itself. */
export type Probed = { readonly publishedAt: number; confirmedAt: number | null; readAt: number | null };

/** A task of the lab's traffic that its publisher knows to be confirmed. */
export type TrafficTask = { readonly id: string; readonly observed: boolean; readonly mayRepeat: boolean };

/** What became of confirmed tasks. */
export type Fates = {
  readonly confirmed: number;
  readonly lost: number;
  readonly repeated: number;
  readonly resultsLost: number;
};

/** The longest gap of each path without the time that is likely to have been well; null = it was not back, or nothing was seen of it. */
export type Outages = Readonly<Record<DrillPath, number | null>>;

/** What the witness says of one run. */
export type Figures = {
  /** Of the canaries themselves; who published them knows what was confirmed, the witness does not. */
  readonly canaries: { readonly executed: number; readonly repeated: number; readonly resultsLost: number };
  readonly probes: Fates;
  readonly traffic: Fates;
  /** By the witness's own tasks, and by the ticks. */
  readonly outageMs: Outages;
  /** The same by what was seen of the canaries: after a long outage one task may run a while before the other. */
  readonly canaryOutageMs: Pick<Outages, 'execute' | 'result'>;
};

/** The time of a run that is looked at. */
export type Window = { readonly fromMs: number; readonly untilMs: number };

/** Everything that was seen of tasks; the same may be seen any number of times. */
export class Sightings {
  readonly tasks = new Map<string, Seen>();
  /** Ticks by schedule, each by the task that it sent. */
  readonly ticks = new Map<string, Map<string, number>>();
  /** When each process of a worker was last heard of, by its own clock. */
  readonly #lastHeard = new Map<string, number>();

  /** What a worker, or beat, has written down. */
  noteLine({ type, uuid, hostname, pid, timestamp, schedule }: AccountLine): void {
    const [at, key, process] = [timestamp * 1_000, `${hostname} ${timestamp}`, `${hostname} ${pid}`];
    this.#lastHeard.set(process, Math.max(this.#lastHeard.get(process) ?? at, at));
    if (type === 'task-started') this.#of(uuid).started.set(key, { at, process });
    if (type === 'task-succeeded' || type === 'task-failed') this.#of(uuid).ended.set(key, at);
    if (type !== 'tick' || schedule === undefined) return;
    this.ticks.set(schedule, (this.ticks.get(schedule) ?? new Map<string, number>()).set(uuid, at));
  }

  /** A result as it was announced, or read, at a time (epoch ms): JSON. */
  noteResult(id: string, text: string, heardAt: number): void {
    const told = JSON.parse(text) as { status?: string; worker?: string; date_done?: string };
    if (told.status !== 'SUCCESS' && told.status !== 'FAILURE') return;
    const worker = told.worker ?? null;
    // Celery writes UTC without saying so.
    const { announced } = this.#of(id);
    const key = `${worker} ${told.date_done}`;
    const first = Math.min(heardAt, announced.get(key)?.heardAt ?? heardAt);
    announced.set(key, { worker, doneAt: Date.parse(`${told.date_done}Z`), heardAt: first });
  }

  noteStored(id: string): void {
    this.#of(id).stored = true;
  }

  /**
   * Ids of the canaries of the run: of the most numerous ones that ran. Late ones of another run may still go by, and a data
   * node that comes back forgets the results of all that were before.
   */
  canaryIds(): string[] {
    const runs = Map.groupBy(
      [...this.tasks.keys()].filter((id) => CANARY_ID.test(id) && this.runTimes(id).length > 0),
      (id) => id.slice(0, id.lastIndexOf('-')),
    );
    return [...runs.values()].toSorted((a, b) => b.length - a.length)[0] ?? [];
  }

  /** It came to an end somewhere. */
  isExecuted(id: string): boolean {
    const seen = this.tasks.get(id);
    return seen !== undefined && (seen.stored || seen.ended.size + seen.announced.size > 0);
  }

  /** … or began in a process that went on: a worker that cannot store a result says nothing of the end. For tasks of milliseconds. */
  hasRun(id: string): boolean {
    const runs = [...(this.tasks.get(id)?.started.values() ?? [])];
    return (
      this.isExecuted(id) || runs.some(({ at, process }) => (this.#lastHeard.get(process) ?? at) - at >= OUTLIVED_MS)
    );
  }

  /** It began, at least: a long task that was cut short was not lost on its way. */
  hasBegun(id: string): boolean {
    return this.isExecuted(id) || (this.tasks.get(id)?.started.size ?? 0) > 0;
  }

  /**
   * How often it ran. A worker that does not get an answer stores its result, and announces it, again under another time: events,
   * or two workers, tell that apart from two runs.
   */
  runsOf(id: string): number {
    const seen = this.tasks.get(id);
    if (seen === undefined) return 0;
    const { started, ended, announced } = seen;
    if (started.size + ended.size === 0) return announced.size;
    const workers = new Set([...announced.values()].flatMap(({ worker }) => worker ?? []));
    return Math.max(started.size, ended.size, workers.size);
  }

  /** When it ran, as well as it is known. */
  runTimes(id: string): number[] {
    const seen = this.tasks.get(id);
    if (seen === undefined) return [];
    const { started, ended, announced } = seen;
    if (started.size > 0) return [...started.values()].map(({ at }) => at);
    return ended.size > 0 ? [...ended.values()] : [...announced.values()].map(({ doneAt }) => doneAt);
  }

  /** When its result was heard of first; null = never. */
  resultTime(id: string): number | null {
    const times = [...(this.tasks.get(id)?.announced.values() ?? [])].map(({ heardAt }) => heardAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  #of(id: string): Seen {
    const known = this.tasks.get(id);
    if (known !== undefined) return known;
    const seen: Seen = { started: new Map(), ended: new Map(), announced: new Map(), stored: false };
    this.tasks.set(id, seen);
    return seen;
  }
}

/** The account of a run, once nothing more is to come. */
export function figuresOf(
  sightings: Sightings,
  probes: ReadonlyMap<string, Probed>,
  traffic: readonly TrafficTask[],
  window: Window,
): Figures {
  const isRepeated = (id: string) => sightings.runsOf(id) > 1;
  const isStored = (id: string) => sightings.tasks.get(id)?.stored === true;
  const lacksResult = (id: string) => sightings.hasRun(id) && !isStored(id);
  const canaries = sightings.canaryIds();
  const own = [...probes].filter(([, { confirmedAt }]) => confirmedAt !== null).map(([id]) => id);
  const wholeTraffic = traffic.map(({ id }) => id);
  const count = (ids: readonly string[], is: (id: string) => boolean) => ids.filter(is).length;
  return {
    canaries: {
      executed: count(canaries, (id) => sightings.hasRun(id)),
      repeated: count(canaries, isRepeated),
      resultsLost: count(canaries, lacksResult),
    },
    probes: {
      confirmed: own.length,
      lost: count(own, (id) => !sightings.hasRun(id)),
      repeated: count([...probes.keys()], isRepeated),
      resultsLost: count(own, lacksResult),
    },
    traffic: {
      confirmed: traffic.length,
      lost: traffic.filter(({ id, observed }) => !observed && !sightings.hasBegun(id)).length,
      repeated: traffic.filter(({ id, mayRepeat }) => !mayRepeat && isRepeated(id)).length,
      resultsLost: count(wholeTraffic, (id) => sightings.isExecuted(id) && !isStored(id)),
    },
    outageMs: outagesOf(sightings, probes, window),
    canaryOutageMs: {
      execute: sinceFirst(
        canaries.flatMap((id) => sightings.runTimes(id)),
        tasksIn(window, 0),
      ),
      result: sinceFirst(
        canaries.flatMap((id) => sightings.resultTime(id) ?? []),
        tasksIn(window, RETRY_MS),
      ),
    },
  };
}

function tasksIn(window: Window, retryMs: number): Watching {
  return { ...window, usualMs: INTERVAL_MS, patience: PATIENCE.tasks, retryMs };
}

/** There are no canaries before the run: what it does to them comes after the first of them ran. */
function sinceFirst(times: readonly number[], how: Watching): number | null {
  return longestOutage(times, { ...how, fromMs: Math.max(how.fromMs, Math.min(...times)) });
}

function outagesOf(sightings: Sightings, probes: ReadonlyMap<string, Probed>, window: Window): Outages {
  const all = [...probes.values()];
  const told = (times: (number | null)[]) => times.filter((at) => at !== null);
  return {
    publish: longestOutage(told(all.map(({ confirmedAt }) => confirmedAt)), tasksIn(window, RETRY_MS)),
    execute: longestOutage(
      [...probes.keys()].flatMap((id) => sightings.runTimes(id)),
      tasksIn(window, 0),
    ),
    result: longestOutage(told(all.map(({ readAt }) => readAt)), tasksIn(window, RETRY_MS)),
    schedule: scheduleOutage(sightings, window),
  };
}

/** Of the schedule that ticks most: the others are too slow to tell when it broke. */
function scheduleOutage({ ticks }: Sightings, window: Window): number | null {
  const [busiest] = [...ticks.values()].toSorted((a, b) => b.size - a.size);
  const how = { ...window, usualMs: TICK_INTERVAL_MS, patience: PATIENCE.ticks, retryMs: 0 };
  return busiest === undefined ? null : longestOutage([...busiest.values()], how);
}

/** Of the busiest schedule. */
export const TICK_INTERVAL_MS = 1_000;

/** How signs of life are looked at. */
export type Watching = Window & {
  /** Between two signs while all is well, as planned. */
  readonly usualMs: number;
  /** After more than so many usual gaps without a sign it is out. */
  readonly patience: number;
  /** So long something that is back may take to show it, besides. */
  readonly retryMs: number;
};

/**
 * The longest gap that began within the window, without the time that is likely to have been well, half a usual gap: what is too
 * short to be called an outage is for whoever compares. null = it was not back in the end, or had not worked before.
 */
export function longestOutage(times: readonly number[], { untilMs, fromMs, ...how }: Watching): number | null {
  const sorted = times.toSorted((a, b) => a - b);
  const before = sorted.findLastIndex((at) => at <= fromMs);
  const last = sorted.at(-1);
  if (before < 0 || last === undefined) return null;
  const gaps = sorted.slice(1).map((at, index) => ({ from: sorted[index] ?? at, ms: at - (sorted[index] ?? at) }));
  const most = quantile(
    gaps.map(({ ms }) => ms),
    USUAL_SHARE,
  );
  const limitMs = how.patience * Math.min(USUAL_LIMIT * how.usualMs, Math.max(how.usualMs, most ?? 0));
  if (untilMs - last > limitMs) return null;
  const within = gaps.slice(before).filter(({ from }) => from < untilMs);
  return Math.max(0, ...within.map(({ ms }) => ms - (how.usualMs + how.retryMs) / 2));
}
