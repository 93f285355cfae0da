import { expect, test } from 'vitest';
import type { Sent } from '#lib/model/ticks.ts';
import { taskOf } from '#server/commands/task-fixture.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import type { CanaryEvent } from './canary.ts';
import { followEvents, followTicks, recallEvents, ticksIn } from './probes.ts';

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

test('what comes at regular intervals is a tick, and what applications send now and then is none', () => {
  const others: Sent[] = [3, 900, 4_000].map((at) => ({ name: 'app.work', kwargs: '{}', at, by: 'gen9@host-2' }));
  const ticks = ticksIn([...every(1_000, 10), ...others], 10_000);
  expect(ticks.map(({ at }) => at)).toEqual(every(1_000, 10).map(({ at }) => at));
  expect(new Set(ticks.map(({ name }) => name)).size).toBe(1);
});

test('ticks are looked for every second until that is ended, and a history that fails is asked again', async () => {
  const clock = manualClock(400_000);
  const noted: number[] = [];
  const problems: string[] = [];
  let asked = 0;
  const reader = {
    async sentBy({ from, to }: { from: number; to: number }) {
      asked += 1;
      if (asked === 2) throw new Error('busy');
      return every(1_000, 500).filter(({ at }) => at >= from && at <= to);
    },
  };
  const end = followTicks(reader, { noteTick: (_, at) => noted.push(at) }, clock, (problem) => problems.push(problem));
  for (let second = 0; second < 3; second += 1) {
    await settle();
    clock.advance(1_000);
  }
  await settle();
  end();
  clock.advance(10_000);
  await settle();
  expect([asked, problems]).toEqual([4, ['ticks: busy']]);
  expect([Math.min(...noted), Math.max(...noted)]).toEqual([100_000, 403_000]);
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
