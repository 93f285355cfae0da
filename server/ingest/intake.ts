/**
 * The intake: consumer → parser → batches → store → acknowledgement, and what is known of the workers by it. Everything
 * that the ingest thread does between the broker and the disk; clock, links and store are given.
 */
import type { Ingest } from '#lib/model/celery.ts';
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import { CANARY_PREFIX, parseEvents } from '#server/celery/events.ts';
import type { CanaryEvent } from '#server/drills/canary.ts';
import type { TaskWriter, WorkerMark, Written } from '#server/history/tasks/store.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import { createBatches } from './batches.ts';
import { type Delivery, type OpenLink, startConsumer } from './consumer.ts';
import { isWorkerMark, streamMark, streamOffsetOf } from './marks.ts';
import { createMissed } from './missed.ts';
import type { Batch } from './pending.ts';
import { CAN_LOSE, type QueueSettings } from './queue.ts';
import type { Carried, IngestReport, IngestState } from './report.ts';
import { createSight } from './sight.ts';
import { type ComingChange, newStarts, startsIn } from './starts.ts';
import { createTally } from './tally.ts';
import { createThroughput } from './throughput.ts';
import { type WorkerReport, watchWorkers } from './workers.ts';

export type IntakeOptions = {
  writer: TaskWriter;
  addresses: readonly BrokerAddress[];
  open: OpenLink;
  queue: QueueSettings;
  carried: Carried | null;
  clock: TimerClock;
  /** 0 to 1. */
  random(): number;
  onReport(report: IngestReport): void;
  /** Events of Trellis's own canaries, as they come in. */
  onCanaries?(events: readonly CanaryEvent[]): void;
  /** What a commit changed. */
  onWritten?(written: Written): void;
  /** Events may have been lost between these times (epoch ms). */
  onGap?(gap: { from: number; to: number }): void;
  /** For the log. */
  onProblem(message: string): void;
};

export type Intake = {
  readonly workers: readonly WorkerReport[];
  /** Since when (epoch ms) the process that each worker is now is known. */
  readonly processesSince: ReadonlyMap<string, number>;
  /** Since when (epoch ms) events come without delay; null = they do not. */
  readonly listeningSince: number | null;
  /** Nothing waits to be stored. */
  readonly idle: boolean;
  /** What the reconciliation counts, and what keeps it from its work. */
  note(counts: Pick<IngestState, 'backfilled' | 'orphaned' | 'problem'>): void;
  /** Something else stored tasks. */
  written(written: Written): void;
  /** Takes no more, stores and acknowledges what is there, and ends the connection. */
  stop(): Promise<void>;
};

const JUDGE_MS = 250;
const REPORT_MS = 1_000;
/** A broker that does not say within this time how much waits has no leader for the queue. */
const WAITING_LIMIT_MS = 2_000;
const EMPTIED_AFTER_MS = 10_000;
/** Looking for missed ends reads the result store: not again and again while a gap grows. */
const GAP_REST_MS = 30_000;

type Message = Pick<Delivery, 'tag' | 'offset'> & {
  bytes: number;
  cameAt: number;
  /** By the newest event's own clock (epoch ms); null = it holds none. */
  newestAt: number | null;
};

/** Starts at once. */
export function startIntake(options: IntakeOptions): Intake {
  const { writer, clock, queue } = options;
  const before = writer.marks();
  const workers = watchWorkers(before.filter(isWorkerMark), clock.now());
  const throughput = createThroughput(clock.now());
  const sight = createSight();
  const missed = createMissed();
  const tally = createTally(options.carried);
  let offset = streamOffsetOf(before, queue.queue);
  let state: Pick<Ingest, 'state' | 'since' | 'via' | 'problem' | 'mode' | 'modeReason'> = {
    ...{ state: 'connecting', since: clock.now(), via: null, problem: null, mode: null, modeReason: null },
  };
  let reconcileProblem: string | null = null;
  let reconciled = { backfilled: options.carried?.backfilled ?? 0, orphaned: options.carried?.orphaned ?? 0 };
  /** What happened since then (epoch ms) nobody listened to: from before a restart on, too. */
  let lostAt = newestOf(before.filter(isWorkerMark));
  /** Messages came that there was no room for: they stay with the broker, unacknowledged, for as long as the link stands. */
  let isLetGo = false;
  let waiting: number | null = null;
  let storedAt: number | null = null;
  let changed = 0;
  let gapTo = Number.NEGATIVE_INFINITY;
  let reportedAt = Number.NEGATIVE_INFINITY;
  let cancelTick = () => {};
  let stopped = false;

  function become(next: Partial<typeof state>): void {
    const since = next.state === undefined || next.state === state.state ? state.since : clock.now();
    state = { ...state, ...next, since };
    report();
  }

  const batches = createBatches<Message, ComingChange>({
    clock,
    random: options.random,
    write: store,
    acknowledge: ({ tag }) => consumer.link?.acknowledge(tag),
    onState(failure) {
      if (failure === null) {
        resumed();
        return;
      }
      sight.lost();
      const kept = state.mode === 'exclusive' ? '' : ' Nothing is lost meanwhile: events wait in the queue.';
      become({
        state: 'storing-fails',
        problem: `Tasks cannot be stored: ${failure.message.replace(/\.$/, '')}.${kept}`,
      });
    },
  });

  function resumed(): void {
    const { link } = consumer;
    // A backlog has grown meanwhile: the next answer of the broker tells when it is worked off.
    if (link !== null) sight.opened(1, clock.now());
    become({ state: link === null ? 'disconnected' : 'consuming', problem: null });
    // At once: an acknowledgement of anything newer on this link would take what was let go with it.
    if (isLetGo) consumer.renew(new Error('what came while nothing could be stored is asked for again'));
  }

  function store({ changes, messages }: Batch<Message, ComingChange>): void {
    const now = clock.now();
    const starts = startsIn(changes);
    // Of what is stored ahead of it the stream gives the rest again.
    const last = messages.findLast((message) => message.offset !== null)?.offset ?? null;
    const marks: WorkerMark[] = workers.marks(now, starts);
    if (last !== null) marks.push(streamMark(queue.queue, last, now));
    const written = changes.length + marks.length === 0 ? { changed: [] } : writer.write(changes, marks);
    // From here on nothing may throw: it is stored.
    workers.kept();
    offset = last ?? offset;
    const talkers = changes.flatMap(({ event }) => (event.type === 'sent' || event.by === null ? [] : event.by));
    workers.stored(newStarts(starts, written), new Set(talkers));
    // What is stored ahead of others that wait does not say that there is no delay.
    for (const { newestAt } of messages) if (newestAt !== null) storedAt = Math.max(storedAt ?? 0, newestAt);
    told(written);
  }

  function told(written: Written): void {
    changed += written.changed.length;
    throughput.add(written.changed, clock.now());
    options.onWritten?.(written);
  }

  function take(delivery: Delivery): void {
    if (batches.failing && batches.full) {
      isLetGo = true;
      return;
    }
    const now = clock.now();
    const { tasks, workers: said, rejected, skewed } = parseEvents(delivery.body, now);
    tally.add({ events: tasks.length + said.length, rejected, skewed, redelivered: delivery.redelivered }, now);
    const canaries = tasks.filter(({ id }) => id.startsWith(CANARY_PREFIX));
    if (canaries.length > 0)
      options.onCanaries?.(canaries.map(({ id, event: { type, at, by, pid } }) => ({ id, type, at, worker: by, pid })));
    const isLive = sight.since !== null && !delivery.redelivered;
    for (const event of said) {
      workers.hear(event, now, isLive);
      missed.heard(event.worker, now);
    }
    const times = [...tasks.map(({ event }) => event.at), ...said.flatMap(({ at }) => at ?? [])];
    // A stream gives again what was stored ahead, and does not say so.
    const redelivered = delivery.redelivered || delivery.offset !== null;
    const newestAt = times.length === 0 ? null : Math.max(...times);
    batches.add(
      { tag: delivery.tag, offset: delivery.offset, bytes: delivery.body.byteLength, cameAt: now, newestAt },
      tasks.map((change) => ({ ...change, redelivered })),
    );
  }

  const consumer = startConsumer({
    addresses: options.addresses,
    open: options.open,
    after: () => offset,
    clock,
    random: options.random,
    onDelivery: take,
    onOpen({ via, queue: declared }) {
      if (lostAt !== null && (declared.mode === 'exclusive' || isEmptied(declared.waiting, lostAt))) {
        options.onGap?.({ from: lostAt, to: clock.now() });
      }
      lostAt = null;
      sight.opened(declared.waiting, clock.now());
      waiting = declared.waiting;
      const found = { via, mode: declared.mode, modeReason: declared.reason };
      if (batches.failing) become(found);
      else become({ ...found, state: 'consuming', problem: null });
    },
    onLost(cause, via) {
      lostAt ??= clock.now();
      isLetGo = false;
      sight.lost();
      waiting = null;
      batches.lost();
      if (!batches.failing) become({ state: 'disconnected', via: null, problem: cause.message });
      else become({ via: null });
      if (via !== null) options.onProblem(`lost ${via}: ${cause.message}`);
    },
    onError: (error) => options.onProblem(`an event could not be taken: ${String(error)}`),
  });

  /** Workers that beat every other second left nothing in it: the queue was lost, and this is a new one. */
  function isEmptied(waitingNow: number, since: number): boolean {
    return waitingNow === 0 && clock.now() - since > EMPTIED_AFTER_MS && isAnyOnline();
  }

  function isAnyOnline(): boolean {
    return workers.reports().some(({ state: one }) => one === 'online');
  }

  const reportsNow = () => missed.told(workers.reports(), clock.now());

  /** Tasks were missed since the last look: their ends are searched for. */
  function noteMissed(now: number): void {
    if (now - gapTo < GAP_REST_MS) return;
    const from = workers.takeGap();
    if (from === null) return;
    options.onGap?.({ from, to: now });
    gapTo = now;
  }

  async function askWaiting(): Promise<void> {
    const { link } = consumer;
    if (link === null) return;
    const answer = await limited(link.waiting(), WAITING_LIMIT_MS, clock);
    if (consumer.link !== link) return;
    waiting = answer;
    if (!batches.failing) sight.told(answer, clock.now());
  }

  function tick(): void {
    cancelTick = clock.after(JUDGE_MS, tick);
    const isNews = workers.judge(clock.now(), sight.since);
    if (isNews || clock.now() - reportedAt >= REPORT_MS) report();
  }

  let asking = false;
  function report(): void {
    const now = clock.now();
    reportedAt = now;
    if (!asking) {
      asking = true;
      void askWaiting().finally(() => {
        asking = false;
      });
    }
    const reports = reportsNow();
    const seen = reports.filter(({ sendsTaskEvents }) => sendsTaskEvents !== false);
    const missedTasks = seen.reduce((sum, one) => sum + one.missedTasks, 0);
    if (missed.isWhole) noteMissed(now);
    const ended = throughput.take(now);
    const isBlind = state.state !== 'consuming';
    options.onReport({
      at: now,
      ingest: {
        id: queue.queue,
        ...state,
        problem: state.problem ?? reconcileProblem,
        canLose: state.mode === null ? '' : CAN_LOSE[state.mode],
        ...tally.counts(now),
        pending: batches.pending.changes,
        lagMessages: waiting,
        lagMs: storedAt === null ? null : Math.max(0, Math.round(now - storedAt)),
        missedTasks,
        ...reconciled,
      },
      workers: reports,
      seconds: isBlind ? ended.filter(({ received, sent, started }) => received + sent + started > 0) : ended,
      changed,
    });
    changed = 0;
  }

  tick();
  return {
    get workers() {
      return reportsNow();
    },
    get processesSince() {
      return workers.processesSince();
    },
    get listeningSince() {
      return sight.since;
    },
    get idle() {
      return batches.pending.messages === 0 && !batches.failing;
    },
    note(counts) {
      reconcileProblem = counts.problem;
      const earlier = options.carried;
      reconciled = {
        backfilled: (earlier?.backfilled ?? 0) + counts.backfilled,
        orphaned: (earlier?.orphaned ?? 0) + counts.orphaned,
      };
    },
    written: told,
    async stop() {
      if (stopped) return;
      stopped = true;
      cancelTick();
      await limited(consumer.stopConsuming(), STOP_LIMIT_MS, clock);
      batches.flush();
      batches.stop();
      await limited(consumer.close(), STOP_LIMIT_MS, clock);
    },
  };
}

/** A broker that hangs must not hold up the end. */
const STOP_LIMIT_MS = 150;

function newestOf(marks: readonly WorkerMark[]): number | null {
  return marks.reduce<number | null>((newest, { at }) => Math.max(newest ?? at, at), null);
}

/** The answer, or null when it fails or does not come in time. */
function limited<T>(answer: Promise<T>, limitMs: number, clock: TimerClock): Promise<T | null> {
  return new Promise((resolve) => {
    const cancel = clock.after(limitMs, () => resolve(null));
    answer.then(
      (value) => {
        cancel();
        resolve(value);
      },
      () => {
        cancel();
        resolve(null);
      },
    );
  });
}
