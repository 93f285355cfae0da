/** For tests: the intake between a broker and a store in memory. */
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { Link, LinkEvents } from './consumer.ts';
import { startIntake } from './intake.ts';
import { type MemoryWriter, memoryWriter } from './memory-writer.ts';
import type { DeclaredQueue } from './queue.ts';
import type { IngestReport } from './report.ts';

/** When the clock begins (epoch ms). */
export const START = 1_795_288_300_000;
/** Messages a millisecond that are many. */
export const BUSY_PER_MS = 7;
const ADDRESSES = ['a:1', 'b:1'].map((name) => ({ name, hostname: name, port: 1, tls: false }));

/** Everything that waits for no time happens. */
export const settle = async () => {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
};

/** A broker with one queue, of which nothing is lost that was not acknowledged. */
function brokerWith(mode: DeclaredQueue['mode']) {
  const queue: { body: Uint8Array; offset: number; redelivered: boolean }[] = [];
  const state = {
    current: null as LinkEvents | null,
    given: 0,
    published: 0,
    afters: [] as (number | null)[],
    down: false,
  };
  const deliver = () => {
    for (; state.current !== null && state.given < queue.length; state.given += 1) {
      const message = queue[state.given];
      if (message === undefined) return;
      const offset = mode === 'stream' ? message.offset : null;
      const { body, redelivered } = message;
      // Deliveries are numbered from 1 on each link, and acknowledged ones leave the queue.
      state.current.delivery({ body, redelivered, offset, tag: tagBase + state.given + 1 });
    }
  };
  let tagBase = 0;
  /** What was given and not acknowledged will come again. */
  const giveBack = () => {
    state.current = null;
    for (const message of queue.slice(0, state.given)) message.redelivered = true;
    state.given = 0;
    tagBase = 0;
  };
  return {
    queue,
    state,
    publish(...events: object[]) {
      const text = JSON.stringify(events.length === 1 ? events[0] : events);
      queue.push({ body: new TextEncoder().encode(text), offset: state.published, redelivered: false });
      state.published += 1;
      deliver();
    },
    cut() {
      const events = state.current;
      giveBack();
      events?.lost(new Error('the broker closed the connection'));
    },
    async open({ name }: { name: string }, after: number | null, events: LinkEvents): Promise<Link> {
      if (state.down) throw new Error(`nobody listens on ${name}`);
      state.current = events;
      state.afters.push(after);
      const waiting = queue.length;
      queueMicrotask(deliver);
      return {
        via: name,
        queue: { name: 'trellis.events', mode, reason: null, waiting },
        acknowledge(tag) {
          const count = tag - tagBase;
          queue.splice(0, count);
          state.given -= count;
          tagBase = tag;
        },
        waiting: async () => queue.length - state.given,
        stopConsuming: async () => {
          state.current = null;
        },
        close: async () => {
          if (state.current === events) giveBack();
        },
      };
    },
  };
}

/** An intake on such a broker, with a clock that moves only when told. */
export function setUp({
  mode = 'quorum' as DeclaredQueue['mode'],
  writer = memoryWriter() as MemoryWriter,
  /** Events that wait in the queue, each a message. */
  queued = [] as readonly object[],
} = {}) {
  const clock = manualClock(START);
  const broker = brokerWith(mode);
  for (const one of queued) broker.publish(one);
  const reports: IngestReport[] = [];
  const gaps: { from: number; to: number }[] = [];
  const problems: string[] = [];
  const intake = startIntake({
    ...{ writer, clock, random: () => 0, addresses: ADDRESSES, carried: null, open: broker.open },
    queue: { queue: 'trellis.events', exchange: 'celeryev', maxBytes: 1_000_000, mode: 'auto' },
    onReport: (report) => reports.push(report),
    onGap: (gap) => gaps.push(gap),
    onProblem: (message) => problems.push(message),
  });
  const pass = async (ms: number) => {
    await settle();
    for (let left = ms; left > 0; left -= 50) {
      clock.advance(Math.min(50, left));
      await settle();
    }
  };
  const last = () => reports.at(-1) as IngestReport;
  const states = () =>
    reports.map(({ ingest }) => ingest.state).filter((state, i, all) => i === 0 || all[i - 1] !== state);
  /** Other tasks, as many as make it gather for the whole window, for so long (ms). */
  const busy = async (ms: number) => {
    await settle();
    for (let left = ms; left > 0; left -= 1) {
      for (let i = 0; i < BUSY_PER_MS; i += 1) {
        others += 1;
        broker.publish(step('task-sent', `other-${others}`, clock.now(), { hostname: 'gen1@web' }));
      }
      clock.advance(1);
    }
    await settle();
  };
  let others = 0;
  return { clock, broker, writer, reports, gaps, problems, intake, pass, busy, last, states };
}

const seconds = (ms: number) => ms / 1_000;
const base = (at: number) => ({ hostname: 'celery@host-1', pid: 7, clock: 1, utcoffset: 0, timestamp: seconds(at) });
/** A worker's heartbeat at this time (epoch ms). */
export const heartbeat = (at: number, processed: number) => ({
  ...base(at),
  ...{ type: 'worker-heartbeat', freq: 2, active: 0, processed, loadavg: [0, 0, 0] },
});
/** A task's event at this time (epoch ms). */
export const step = (type: string, uuid: string, at: number, more: object = {}) => ({
  ...base(at),
  type,
  uuid,
  ...more,
});
