/** Workers by what they say themselves: alive or not, clocks, and whether Trellis has seen all that they did. Pure. */
import type { CeleryWorker } from '#lib/model/celery.ts';
import type { WorkerEvent } from '#server/celery/events.ts';
import type { WorkerMark } from '#server/history/tasks/store.ts';

/** A worker as the intake knows it; its host and its reading are the model's business. */
export type WorkerReport = Omit<CeleryWorker, 'host' | 'by'>;

/** One start of a task, by the process that said so, and by its clock (epoch ms). */
export type Start = { worker: string; pid: number | null; at: number };

export type WorkerWatch = {
  /**
   * Takes what a worker said. `live` = it came without having waited in the queue, so that its arrival (epoch ms, by
   * Trellis's clock) tells about its clock.
   */
  hear(event: WorkerEvent, arrivedAt: number, live: boolean): void;
  /** These starts are stored, each once; `others` sent other task events. */
  stored(starts: readonly Start[], others: Iterable<string>): void;
  /**
   * Judges who is silent. `sightSince` = since when events come without delay; null = they do not, and nobody can be
   * called silent. True when somebody's state changed.
   */
  judge(now: number, sightSince: number | null): boolean;
  /**
   * Since when (epoch ms) starts are missing that were not when it was asked last; null = none are. Of each process that is
   * when the last heartbeat was sent that was held against its starts and found all that are not missed since: before it
   * was away, or before Trellis was.
   */
  takeGap(): number | null;
  /** The marks that changed since they were last kept, as they are once these starts are stored. */
  marks(now: number, starts: readonly Start[]): WorkerMark[];
  /** The marks given last are stored. */
  kept(): void;
  reports(): WorkerReport[];
  /** Since when (epoch ms) the process that each worker is now is known. */
  processesSince(): ReadonlyMap<string, number>;
};

const SILENT_FLOOR_MS = 5_000;
/** Heartbeats that may fail to come. */
const SILENT_BEATS = 2;
/** Celery's default. */
const HEARTBEAT_EVERY_MS = 2_000;
/** Samples behind the skew of a clock: one slow delivery must not move it. */
const SKEW_SAMPLES = 15;
/** Workers whose names are never used again (pods) must not stay for ever. */
const FORGET_MS = 86_400_000;
/** Two workers under one name take turns; more processes than this are not followed. */
const PROCESSES_KEPT = 4;
/** A mark is refreshed so often even if nothing changed, so that its age tells when the worker was last heard. */
const MARK_REFRESH_MS = 60_000;

type Process = {
  /** Known since then (epoch ms). */
  since: number;
  /** Tasks accepted, by its newest heartbeat, and by the one before: events of the newest may still be on their way. */
  processed: number | null;
  claimed: number | null;
  /** When it said so, by its own clock (epoch ms). */
  processedAt: number | null;
  claimedAt: number | null;
  /** When the seen starts were that came after `claimedAt`, by the same clock: what was claimed does not hold them. */
  later: number[];
  /** Starts seen, with those before Trellis knew the process. */
  seen: number;
  /** Whether `seen` began where the process began, or where Trellis met it. */
  based: boolean;
  /** What it had accepted when Trellis met it, and the starts that Trellis saw since. */
  metAt: number | null;
  starts: number;
  /** When (epoch ms) the heartbeat was sent that was last held against the starts; null = none was. */
  heldAt: number | null;
  /** Starts missing when that was asked last, and until when (epoch ms) no others were. */
  missed: number;
  wholeUntil: number;
  /** The mark that is stored, and the one that is being stored. */
  kept: MarkFigures | null;
  keeping: MarkFigures | null;
  keptAt: number;
};
type MarkFigures = Pick<WorkerMark, 'processed' | 'seen'>;
type Known = {
  report: WorkerReport;
  skews: number[];
  processes: Map<number | null, Process>;
  /** By its own clock; a heartbeat that is older came late. */
  goodByeAt: number | null;
  heardAt: number;
};

/** Begins with what was known before this process. */
export function watchWorkers(before: readonly WorkerMark[], now: number): WorkerWatch {
  const workers = new Map<string, Known>();
  let marked: Process[] = [];
  for (const mark of before) {
    if (now - mark.at > FORGET_MS) continue;
    const known = workerOf(mark.worker, mark.at);
    const missed = Math.max(0, mark.processed - mark.seen);
    known.processes.set(mark.pid, {
      ...newProcess(mark.at),
      ...{ processed: mark.processed, seen: mark.seen, based: true, missed },
      // It may send no events, then what it did meanwhile says so; of one that sent all of them it says nothing.
      metAt: missed > 0 ? mark.processed : null,
    });
    if (mark.at < known.heardAt) continue;
    known.heardAt = mark.at;
    known.report = { ...known.report, pid: mark.pid, processed: mark.processed, heartbeatAt: mark.at };
  }

  function workerOf(id: string, at: number): Known {
    const found = workers.get(id);
    if (found !== undefined) return found;
    const known: Known = {
      report: {
        ...{ id, heartbeatAt: null, heartbeatEveryMs: null, state: 'online', since: at, pid: null, active: null },
        ...{ processed: null, loadAverage: null, software: null, system: null, clockSkewMs: null },
        ...{ sendsTaskEvents: null, missedTasks: 0 },
      },
      ...{ skews: [], processes: new Map(), goodByeAt: null, heardAt: at },
    };
    workers.set(id, known);
    return known;
  }

  function processOf(known: Known, pid: number | null, at: number): Process {
    const found = known.processes.get(pid);
    if (found !== undefined) return found;
    const made = newProcess(at);
    known.processes.set(pid, made);
    const [oldest] = known.processes.keys();
    if (known.processes.size > PROCESSES_KEPT && oldest !== undefined) known.processes.delete(oldest);
    return made;
  }

  function beat(known: Known, event: WorkerEvent, arrivedAt: number, live: boolean): void {
    const { report } = known;
    if (live && event.at !== null) {
      known.skews = [...known.skews, event.at - arrivedAt].slice(-SKEW_SAMPLES);
      report.clockSkewMs = Math.round(medianOf(known.skews));
    }
    // One that waited in the queue was sent earlier than it came, by as much as its clock tells.
    const sentAt = live || event.at === null ? arrivedAt : event.at - (report.clockSkewMs ?? 0);
    const heardAt = Math.min(arrivedAt, sentAt);
    if (report.heartbeatAt !== null && heardAt < report.heartbeatAt && event.pid === report.pid) return;
    known.heardAt = arrivedAt;
    // A worker says `online` at every reconnect too, with all that it did: only one that counts anew is another process.
    if (event.type === 'online' && countsAnew(known.processes.get(event.pid), event)) known.processes.delete(event.pid);
    // Another process may have been started with other options, and has nothing of what the one before was at.
    if (event.pid !== report.pid) Object.assign(report, { sendsTaskEvents: null, since: heardAt });
    Object.assign(report, {
      heartbeatAt: Math.max(heardAt, report.heartbeatAt ?? heardAt),
      heartbeatEveryMs: event.everyMs ?? report.heartbeatEveryMs,
      pid: event.pid,
      active: event.active ?? report.active,
      loadAverage: event.loadAverage ?? report.loadAverage,
      software: event.software ?? report.software,
      system: event.system ?? report.system,
    });
    claim(known, event, heardAt);
    if (report.state === 'online') return;
    Object.assign(report, { state: 'online', since: heardAt });
    known.goodByeAt = null;
  }

  function claim(known: Known, event: WorkerEvent, heardAt: number): void {
    const one = processOf(known, event.pid, heardAt);
    if (event.type === 'online' && event.processed === 0) one.based = true;
    if (event.processed === null) return;
    if (!one.based) {
      // What it did before Trellis met it was not missed.
      one.based = true;
      one.seen = Math.max(one.seen, event.processed);
    }
    one.metAt ??= event.processed;
    const { processedAt } = one;
    one.claimed = one.processed;
    one.claimedAt = processedAt;
    one.later = processedAt === null ? [] : one.later.filter((at) => at > processedAt);
    one.processedAt = event.at;
    one.processed = Math.max(one.processed ?? 0, event.processed);
    known.report.processed = one.processed;
    const worked = (one.claimed ?? 0) > one.metAt;
    if (worked && one.starts === 0 && known.report.sendsTaskEvents === null) known.report.sendsTaskEvents = false;
  }

  return {
    hear(event, arrivedAt, live) {
      const known = workerOf(event.worker, arrivedAt);
      const isLate = known.goodByeAt !== null && event.at !== null && event.at <= known.goodByeAt;
      if (event.type !== 'offline') {
        if (!isLate || event.pid !== known.report.pid) beat(known, event, arrivedAt, live);
        return;
      }
      if (isLate || (known.report.pid !== null && event.pid !== known.report.pid)) return;
      known.goodByeAt = event.at ?? arrivedAt;
      known.heardAt = arrivedAt;
      if (known.report.state !== 'offline') Object.assign(known.report, { state: 'offline', since: arrivedAt });
      known.report.pid = event.pid;
      known.report.active = null;
    },
    stored(starts, others) {
      for (const { worker, pid, at } of starts) {
        const known = workers.get(worker);
        if (known === undefined) continue;
        const one = processOf(known, pid, at - (known.report.clockSkewMs ?? 0));
        one.seen += 1;
        if (at > (one.claimedAt ?? one.processedAt ?? Number.POSITIVE_INFINITY)) one.later.push(at);
        one.starts += 1;
        known.report.sendsTaskEvents = true;
      }
      for (const id of others) {
        const known = workers.get(id);
        if (known !== undefined) known.report.sendsTaskEvents = true;
      }
      for (const { report, processes } of workers.values()) {
        const one = processes.get(report.pid);
        // A heartbeat may overtake the events of what it counts: only the one before it is held against them.
        report.missedTasks = one === undefined ? 0 : Math.max(0, (one.claimed ?? 0) - (one.seen - one.later.length));
        if (one !== undefined && one.claimedAt !== null) one.heldAt = one.claimedAt - (report.clockSkewMs ?? 0);
      }
    },
    judge(now, sightSince) {
      let changed = false;
      for (const [id, { report, heardAt }] of workers) {
        if (report.state !== 'online') {
          if (now - heardAt > FORGET_MS) changed = workers.delete(id);
          continue;
        }
        if (sightSince === null) continue;
        const limitMs = silentAfterMs(report.heartbeatEveryMs);
        if (now - Math.max(report.heartbeatAt ?? 0, sightSince) <= limitMs) continue;
        Object.assign(report, { state: 'silent', since: now });
        changed = true;
      }
      return changed;
    },
    takeGap() {
      let from: number | null = null;
      for (const { report, processes } of workers.values()) {
        const one = processes.get(report.pid);
        if (one === undefined || one.heldAt === null || report.sendsTaskEvents === false) continue;
        // What was missed before Trellis began may be a process's that sends no events.
        if (report.sendsTaskEvents === null && one.missed > 0) continue;
        if (report.missedTasks > one.missed) from = Math.min(from ?? one.wholeUntil, one.wholeUntil);
        one.missed = report.missedTasks;
        one.wholeUntil = one.heldAt;
      }
      return from;
    },
    marks(now, starts) {
      const coming = new Map<Process, number>();
      for (const { worker, pid } of starts) {
        const one = workers.get(worker)?.processes.get(pid);
        if (one !== undefined) coming.set(one, (coming.get(one) ?? 0) + 1);
      }
      marked = [];
      const marks: WorkerMark[] = [];
      for (const [worker, { processes, report }] of workers) {
        for (const [pid, one] of processes) {
          const more = coming.get(one) ?? 0;
          if (one.processed === null || !one.based) continue;
          const figures = { processed: one.processed, seen: one.seen + more };
          const isSame = one.kept?.processed === figures.processed && one.kept.seen === figures.seen;
          if (isSame && (pid !== report.pid || now - one.keptAt < MARK_REFRESH_MS)) continue;
          one.keeping = figures;
          one.keptAt = now;
          marked.push(one);
          marks.push({ worker, pid, ...figures, at: report.heartbeatAt ?? now });
        }
      }
      return marks;
    },
    kept() {
      for (const one of marked) one.kept = one.keeping;
      marked = [];
    },
    processesSince: () =>
      new Map(
        [...workers].map(([id, { report, processes }]) => [id, processes.get(report.pid)?.since ?? report.since]),
      ),
    reports: () => [...workers.values()].map(({ report }) => ({ ...report })),
  };
}

/** The time (ms) without a heartbeat after which a worker is silent; null = it never said how often it sends one. */
export function silentAfterMs(heartbeatEveryMs: number | null): number {
  return Math.max(SILENT_BEATS * (heartbeatEveryMs ?? HEARTBEAT_EVERY_MS), SILENT_FLOOR_MS);
}

function countsAnew(known: Process | undefined, { processed }: WorkerEvent): boolean {
  return processed !== null && processed < (known?.processed ?? 0);
}

/** One that is known since then (epoch ms). */
function newProcess(at: number): Process {
  return {
    since: at,
    processed: null,
    claimed: null,
    processedAt: null,
    claimedAt: null,
    later: [],
    seen: 0,
    based: false,
    metAt: null,
    starts: 0,
    heldAt: null,
    missed: 0,
    wholeUntil: at,
    kept: null,
    keeping: null,
    keptAt: 0,
  };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
