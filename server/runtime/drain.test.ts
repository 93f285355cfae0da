import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { drainOnSignals, TAKE_BACK_LIMIT_MS } from './drain.ts';
import { manualClock } from './manual-clock.ts';

/** What happened, in order; `taken` has the drill under way taken back. */
function setUp(drill: string | null = 'broker-kill host-1') {
  const clock = manualClock();
  const signals = new EventEmitter();
  const seen: string[] = [];
  const { promise, resolve: taken, reject: notTaken } = Promise.withResolvers<void>();
  drainOnSignals({
    underWay: () => drill,
    takeBack() {
      seen.push('take back');
      return promise;
    },
    stop: () => seen.push('stop'),
    log: {
      info: (_: object, text: string) => seen.push(`info: ${text}`),
      error: (_: object, text: string) => seen.push(`error: ${text}`),
    } as never,
    clock,
    process: {
      on: (signal, listener) => signals.on(signal, listener),
      exit: (code) => void seen.push(`exit ${code}`),
    },
  });
  const signal = (name: 'SIGTERM' | 'SIGINT' = 'SIGTERM') => signals.emit(name);
  return { clock, seen, signal, taken, notTaken, settle: () => new Promise(setImmediate) };
}

const WAITS = 'info: the end waits until the drill under way is taken back; a second signal does not wait';
const HALF = 'error: ended by a second signal: the drill is left half taken back';

test.each(['SIGTERM', 'SIGINT'] as const)(
  'without a drill %s stops everything at once, and ends it a second later',
  (name) => {
    const { clock, seen, signal } = setUp(null);
    signal(name);
    expect(seen).toEqual(['take back', 'stop']);
    clock.advance(999);
    expect(seen).toHaveLength(2);
    clock.advance(1);
    expect(seen).toEqual(['take back', 'stop', 'exit 0']);
  },
);

test('a drill is taken back to its end before anything else is stopped; what is waited for is said once', async () => {
  const { clock, seen, signal, taken, settle } = setUp();
  signal();
  clock.advance(TAKE_BACK_LIMIT_MS - 1);
  await settle();
  expect(seen).toEqual(['take back', WAITS]);
  taken();
  await settle();
  expect(seen.slice(2)).toEqual(['stop']);
  clock.advance(1_000);
  expect(seen.slice(2)).toEqual(['stop', 'exit 0']);
  clock.advance(TAKE_BACK_LIMIT_MS);
  expect(seen.slice(4)).toEqual([]);
});

test('a drill that cannot be taken back is not waited for without end: it is said, and the code is 1', async () => {
  const { clock, seen, signal, settle } = setUp();
  signal();
  clock.advance(TAKE_BACK_LIMIT_MS);
  await settle();
  expect(seen.slice(2)).toEqual(['error: waited in vain: the drill is left half taken back', 'stop']);
  clock.advance(1_000);
  expect(seen.at(-1)).toBe('exit 1');
});

test('a second signal ends the process at once, and says that a drill is left', () => {
  const { clock, seen, signal } = setUp();
  signal('SIGTERM');
  clock.advance(1_000);
  signal('SIGINT');
  expect(seen).toEqual(['take back', WAITS, HALF, 'exit 1']);
});

test('a second signal after the drill was taken back leaves nothing, and says nothing', async () => {
  const { clock, seen, signal, taken, settle } = setUp();
  signal();
  clock.advance(5_000);
  taken();
  await settle();
  signal();
  expect(seen.slice(2)).toEqual(['stop', 'exit 0']);
});

test('one Ctrl-C that comes twice, from the terminal and from npm, is one wish', async () => {
  const { clock, seen, signal, taken, settle } = setUp();
  signal('SIGINT');
  clock.advance(300);
  signal('SIGINT');
  await settle();
  expect(seen).toEqual(['take back', WAITS]);
  taken();
  await settle();
  clock.advance(1_000);
  expect(seen.slice(2)).toEqual(['stop', 'exit 0']);
});

test('a store that cannot be closed does not keep the process', async () => {
  const { clock, seen, signal, notTaken, settle } = setUp();
  signal();
  notTaken(new Error('no disk'));
  await settle();
  clock.advance(1_000);
  expect(seen.slice(2)).toEqual(['error: drills', 'stop', 'exit 0']);
});
