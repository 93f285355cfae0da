import { expect, test } from 'vitest';
import type { Sent } from '#lib/model/ticks.ts';
import { taskOf } from '#server/commands/task-fixture.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { CanaryEvent } from './canary.ts';
import { followEvents, followTicks, followWorkers, recallEvents } from './probes.ts';

const BEAT = 'gen7@host-1';
const every = (ms: number, count: number, by = BEAT): Sent[] =>
  Array.from({ length: count }, (_, n) => ({ name: 'lab.tick', kwargs: '{}', at: n * ms, by }));
const settle = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

test('canaries are told of their events until that is ended', () => {
  const listeners = new Set<{ onCanaries(events: readonly CanaryEvent[]): void }>();
  const noted: CanaryEvent[] = [];
  const end = followEvents(
    {
      listen(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    { noteEvent: (event) => noted.push(event) },
  );
  const events: CanaryEvent[] = [{ id: 'trellis-1', type: 'started', at: 5, worker: 'w', pid: 7 }];
  for (const { onCanaries } of listeners) onCanaries(events);
  end();
  expect([noted, listeners.size]).toEqual([events, 0]);
});

test('canaries are told every second which workers are heard of, until that is ended', () => {
  const clock = manualClock(1_000);
  const noted: string[] = [];
  let heartbeatAt: number | null = null;
  const workers = () => [{ id: 'w1', pid: 7, heartbeatAt }, ...[{ id: 'w2', pid: null, heartbeatAt: 5 }]];
  const end = followWorkers(workers, { noteAlive: (...heard) => noted.push(heard.join(' ')) }, clock);
  heartbeatAt = 1_500;
  clock.advance(1_000);
  end();
  clock.advance(10_000);
  expect(noted).toEqual(['w1 7 1500']);
});

/** A history of what was sent, the newest first as the real one, and what it was asked for. */
function historyOf(sent: readonly Sent[], failsAt: number | null = null) {
  const asked: { from: number; to: number }[] = [];
  return {
    asked,
    async sentBy({ from, to }: { from: number; to: number }) {
      asked.push({ from, to });
      if (asked.length === failsAt) throw new Error('busy');
      return sent.filter(({ at }) => at >= from && at <= to).toReversed();
    },
  };
}

/** What is noted of `sent` by somebody who begins at 400 s and looks for so many seconds. */
async function ticksOf(history: ReturnType<typeof historyOf>, seconds: number) {
  const clock = manualClock(400_000);
  const noted = new Map<number, string>();
  const problems: string[] = [];
  const noteTick = (name: string, at: number) => void noted.set(at, name);
  const end = followTicks(history, { noteTick }, clock, (problem) => problems.push(problem));
  for (let second = 0; second < seconds; second += 1) {
    await settle();
    clock.advance(1_000);
  }
  await settle();
  end();
  clock.advance(100_000);
  await settle();
  return { problems, names: new Set(noted.values()), at: [...noted.keys()].sort((a, b) => a - b) };
}

test('what comes at regular intervals is a tick, and what applications send now and then is none', async () => {
  const others = [391_003, 391_900, 395_000].map((at) => ({ name: 'app.work', kwargs: '{}', at, by: 'gen9@host-2' }));
  const { names, at } = await ticksOf(historyOf([...every(1_000, 500), ...others]), 0);
  expect(names).toEqual(new Set(['lab.tick {}']));
  expect(at).toEqual(Array.from({ length: 301 }, (_, n) => 100_000 + n * 1_000));
});

test('ticks are looked for every second until that is ended, and a history that fails is asked again', async () => {
  const history = historyOf(every(1_000, 500), 2);
  const { problems, at } = await ticksOf(history, 3);
  expect([history.asked.length, problems]).toEqual([4, ['ticks: busy']]);
  expect([at[0], at.at(-1), at.length]).toEqual([100_000, 403_000, 304]);
});

test('only the newest publications are read again every second; the minutes before teach once, and now and then', async () => {
  const history = historyOf(every(1_000, 500));
  await ticksOf(history, 35);
  const looked = history.asked.map(({ from, to }) => (to - from) / 1_000);
  expect(looked.filter((seconds) => seconds > 60)).toEqual([300, 330]);
});

test('what the intake told late, after it had been blind, is still noted', async () => {
  const blind = { from: 405_000, to: 480_000 };
  const history = historyOf(every(1_000, 600));
  const late = {
    ...history,
    sentBy: async (range: { from: number; to: number }) =>
      (await history.sentBy(range)).filter(({ at }) => range.to >= blind.to || at < blind.from),
  };
  const { at } = await ticksOf(late, 85);
  expect(at).toEqual(Array.from({ length: 386 }, (_, n) => 100_000 + n * 1_000));
});

test('what the history has of these canaries, and of no others, is told to them', async () => {
  const ids = ['trellis-a-1', 'trellis-b-1', 'trellis-a-2'];
  const events = [{ type: 'started', at: 5, by: 'w', pid: 1, note: null, retries: 0 }] as const;
  const noted: CanaryEvent[] = [];
  const reader = {
    async tasks({ after = '0' }: { after?: string | undefined }, now: number) {
      const n = Number(after);
      return { now, tasks: [taskOf(ids[n] ?? '')], next: n + 1 < ids.length ? String(n + 1) : null };
    },
    async task(id: string) {
      const task = { ...taskOf(id), traceback: null, exchange: null, routingKey: null, events };
      return { task, workflow: [], workflowTruncated: false };
    },
  };
  const canary = { idStart: 'trellis-a-', noteEvent: (event: CanaryEvent) => noted.push(event) };
  await recallEvents(reader, canary, 0, 100);
  expect(noted).toEqual([
    { id: 'trellis-a-1', type: 'started', at: 5, worker: 'w', pid: 1 },
    { id: 'trellis-a-2', type: 'started', at: 5, worker: 'w', pid: 1 },
  ]);
});
