import { expect, test } from 'vitest';
import type { BlindStretch } from '#lib/contract/timeline.ts';
import type { Transition } from '#lib/model/transition.ts';
import { timelineRows } from './timeline.ts';

const transition = (id: number, at: number): Transition => ({
  ...{ id, at, code: 'RedisMaster', subject: { kind: 'redisServices', id: 'r' } },
  ...{ from: 'a', to: 'b', by: [] },
});
const blind = (id: string, from: number): BlindStretch => ({ id, what: 'trellis', from, to: null, code: 'stopped' });

test('a hiccup of one endpoint is no line, a stretch in which Trellis saw nothing always is', () => {
  const short = { ...blind('short', 20), what: 'redis/x', to: 21 };
  const rows = timelineRows([], [short, { ...short, id: 'long', to: 9_000 }, { ...short, id: 'own', what: 'trellis' }]);
  expect(rows.map((row) => row.kind === 'blind' && row.stretch.id)).toEqual(['long', 'own']);
});

test('what the page loaded and what came live is one list, newest first, each line once', () => {
  const rows = timelineRows(
    [transition(1, 10), transition(2, 30), transition(2, 30)],
    [blind('x', 20), blind('x', 20)],
  );
  expect(rows.map(({ kind, at }) => [kind, at])).toEqual([
    ['transition', 30],
    ['blind', 20],
    ['transition', 10],
  ]);
});
