/** A broker that was frozen for so long that its peers gave it up may come back, and not be taken back. */
import { expect, test } from 'vitest';
import { drillsConfig } from '#server/drills/config.ts';
import type { Facts } from '#server/drills/drill.ts';
import { whole } from '#server/drills/guard-fixture.ts';
import { changed, NOW, RABBIT_1, RABBIT_2, RABBIT_3, silent } from '#server/sources/told-estate.ts';
import { brokerHang } from './broker-hang.ts';

const means = {
  ...{ rabbitmq: true, entrances: true, socketProblem: () => null, verbs: () => ['pause', 'resume', 'kill', 'start'] },
  preview: (verb: string) => [verb],
};
const aimed = brokerHang.aim(RABBIT_3, { model: whole, now: NOW, settings: drillsConfig.parse({}), means });
const step = (id: string) => aimed?.steps.find((one) => one.id === id);
const callsOf = (facts: Facts) =>
  step('restart')
    ?.calls(facts)
    .flat()
    .map((call) => (call.verb === 'executor.run' ? call.does : call.verb));
const look = (model: typeof whole, facts: Facts, startedAt = NOW) =>
  step('returned')?.check?.({ model, now: NOW, startedAt, facts, actions: {}, signal: AbortSignal.any([]) } as never);

test('it goes on only when every other node has missed it for five seconds', () => {
  const dead = (...by: string[]) =>
    changed(whole, 'brokerNodes', RABBIT_3, {
      running: [RABBIT_1, RABBIT_2].map((node) => ({ by: `rabbitmq/${node}/nodes`, value: !by.includes(node) })),
    });
  const watched = (model: typeof whole, facts: Facts) =>
    step('declared-dead')?.check?.({
      model,
      now: NOW,
      startedAt: NOW,
      facts,
      actions: {},
      signal: AbortSignal.any([]),
    } as never);
  const since = { dead: String(NOW - 5_000) };
  expect(watched(dead(RABBIT_1), since)).toMatchObject({ done: false });
  expect(watched(dead(RABBIT_1, RABBIT_2), {})).toMatchObject({ done: false, learned: { dead: String(NOW) } });
  expect(watched(dead(RABBIT_1, RABBIT_2), since)).toMatchObject({ done: true });
  // Measured: one that had not missed it yet hung on it, and did not answer; tasks were lost.
  const hanging = silent(dead(RABBIT_1, RABBIT_2), (key) => key === `rabbitmq/${RABBIT_1}/nodes`);
  expect(watched(hanging, since)).toMatchObject({
    done: false,
    says: 'Not yet said by rabbit-1 that rabbit-3 is down.',
  });
});

test('one that came back cut off is restarted', () => {
  const cutOff = changed(whole, 'brokerNodes', RABBIT_1, {
    partitions: [{ by: `rabbitmq/${RABBIT_1}/nodes`, value: RABBIT_3 }],
  });
  const seen = look(cutOff, {}) as { done: boolean; says: string; learned: Facts };
  expect(seen).toMatchObject({ done: true, says: 'rabbit-3 came back cut off from its peers.' });
  expect(callsOf(seen.learned)).toEqual(['kill', 'start']);
});

test('one that its peers call running, and that does not answer, is waited for, and then restarted', () => {
  const stuck = changed(whole, 'brokerNodes', RABBIT_3, { own: [] });
  expect(look(stuck, {})).toMatchObject({ done: false });
  const seen = look(stuck, {}, NOW - 45_000) as { done: boolean; says: string; learned: Facts };
  expect(seen).toMatchObject({ done: true, says: 'rabbit-3 does not come back by itself.' });
  expect(callsOf(seen.learned)).toEqual(['kill', 'start']);
});

test('one that its peers take back for ten seconds is left alone', () => {
  expect(look(whole, {})).toMatchObject({ done: false, learned: { back: String(NOW) } });
  expect(look(whole, { back: String(NOW - 10_000) })).toMatchObject({ done: true, says: 'rabbit-3 runs.' });
  expect(callsOf({})).toEqual([]);
});
