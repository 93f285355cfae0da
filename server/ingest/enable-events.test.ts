import { expect, test } from 'vitest';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { startEnabling } from './enable-events.ts';
import type { WorkerReport } from './workers.ts';

const settle = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

function worker(id: string, sendsTaskEvents: boolean | null, state: WorkerReport['state'] = 'online') {
  return { id, sendsTaskEvents, state } as WorkerReport;
}

function setUp(workers: WorkerReport[]) {
  const clock = manualClock(1_000_000);
  const said: { destination: string[]; method: string }[] = [];
  const problems: string[] = [];
  const wire = { opened: 0, closed: 0, failure: null as Error | null, lost: () => {} };
  const stop = startEnabling({
    ...{ clock, workers: () => workers },
    async open(lost) {
      if (wire.failure !== null) throw wire.failure;
      wire.opened += 1;
      wire.lost = lost;
      return {
        publish: (body) => said.push(JSON.parse(new TextDecoder().decode(body))),
        close: () => {
          wire.closed += 1;
        },
      };
    },
    onProblem: (message) => problems.push(message),
  });
  const pass = async (times: number) => {
    for (let i = 0; i < times; i += 1) {
      clock.advance(5_000);
      await settle();
    }
  };
  return { said, problems, wire, stop, pass };
}

test('every 5 s exactly those are told that are there and not known to send events, over one connection', async () => {
  const mute = [worker('a', false), worker('b', null)];
  const { said, wire, pass } = setUp([...mute, worker('c', true), worker('d', false, 'silent')]);
  await pass(3);
  expect(said).toHaveLength(3);
  expect(said[0]).toMatchObject({ method: 'enable_events', destination: ['a', 'b'] });
  expect(wire.opened).toBe(1);
});

test('while all send events nothing is connected', async () => {
  const { wire, pass } = setUp([worker('c', true)]);
  await pass(3);
  expect(wire.opened).toBe(0);
});

test('a refusal is told once and tried again; a wire that ended is opened anew; stop closes it', async () => {
  const { said, problems, wire, stop, pass } = setUp([worker('a', null)]);
  wire.failure = new Error('refused');
  await pass(3);
  expect(problems).toEqual(['workers cannot be told to send events: refused']);
  wire.failure = null;
  await pass(1);
  wire.lost();
  await pass(1);
  expect([said.length, wire.opened]).toEqual([2, 2]);
  stop();
  await pass(3);
  expect([said.length, wire.closed]).toEqual([2, 1]);
});
