import { expect, test } from 'vitest';
import type { SentinelEvent } from './redis.ts';
import { sentinelLog } from './sentinel-log.ts';

const says = (id: string, ...events: [number, string][]) => ({
  id,
  events: events.map(([at, channel]): SentinelEvent => ({ at, channel, text: 'master results 127.0.1.1 6379' })),
});

test('what three Sentinels say within two seconds is one line, timed by the first of them', () => {
  const log = sentinelLog([says('a', [1_500, '+sdown']), says('b', [1_000, '+sdown']), says('c', [3_000, '+sdown'])]);
  expect(log).toEqual([{ at: 1_000, channel: '+sdown', text: 'master results 127.0.1.1 6379', by: ['b', 'a', 'c'] }]);
});

test('the same message more than two seconds later is a new line', () => {
  const log = sentinelLog([says('a', [1_000, '+sdown']), says('b', [3_001, '+sdown'])]);
  expect(log.map((line) => line.by)).toEqual([['b'], ['a']]);
});

test('a Sentinel that repeats itself has two lines, and the others join each in turn', () => {
  const log = sentinelLog([
    says('a', [1_000, '+sdown'], [1_400, '+sdown']),
    says('b', [1_500, '+sdown'], [1_600, '+sdown']),
  ]);
  expect(log.map(({ at, by }) => [at, by])).toEqual([
    [1_400, ['a', 'b']],
    [1_000, ['a', 'b']],
  ]);
});

test('different messages stay apart, newest first', () => {
  const log = sentinelLog([says('a', [1_000, '+sdown'], [1_100, '+odown']), says('b', [1_050, '+sdown'])]);
  expect(log.map((line) => line.channel)).toEqual(['+odown', '+sdown']);
});
