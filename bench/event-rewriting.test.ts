import { expect, it } from 'vitest';
import { type CeleryEvent, eventsOf, messageOf } from './event-message.ts';
import { copiesOf, extentOf, ledgerOf, renumber } from './event-rewriting.ts';
import { storyBatch } from './event-stories.ts';

const AT_MS = 1_795_288_209_000;
const { messages } = storyBatch(11, 0, 200, AT_MS);
const { count, from, to } = extentOf(messages);
const COPIES = 3;
const END = to + 5_000;
const copies = [...copiesOf(messages, COPIES * count, 7, END)];
const idsOf = (all: readonly CeleryEvent[]) => new Set(all.map(({ uuid }) => uuid));

it('there are as many copies as give the events that are wanted, and not one fewer', () => {
  expect(extentOf(copies).count).toBe(COPIES * count);
  expect(extentOf([...copiesOf(messages, count + 1, 0, END)]).count).toBe(2 * count);
});

it('every copy tells of tasks of its own, as many as were recorded', () => {
  const before = idsOf(messages.flatMap(eventsOf));
  const after = idsOf(copies.flatMap(eventsOf));
  expect(after.size).toBe(COPIES * before.size);
  expect([...after].some((id) => before.has(id))).toBe(false);
});

it('a task keeps its events, their order and their distances, and its workflow', () => {
  const own = (all: readonly CeleryEvent[], id: unknown) => all.filter(({ uuid }) => uuid === id);
  const id = eventsOf(messages[0] as (typeof messages)[number])[0]?.uuid as string;
  const before = own(messages.flatMap(eventsOf), id);
  const after = own(copies.flatMap(eventsOf), renumber(id, 8));
  expect(after.map(({ type }) => type)).toEqual(before.map(({ type }) => type));
  const distances = (all: readonly CeleryEvent[]) => all.map((one) => one.timestamp - (all[0]?.timestamp ?? 0));
  for (const [n, distance] of distances(after).entries()) expect(distance).toBeCloseTo(distances(before)[n] ?? 0, 3);
  for (const event of after) if (event.root_id !== undefined) expect(event.root_id).toBe(event.uuid);
});

it('the last copy ends when it should, and nothing is later', () => {
  const extent = extentOf(copies);
  expect(extent.to).toBeCloseTo(END, 3);
  expect(extent.from).toBeCloseTo(END - COPIES * (to - from), 3);
});

it('replayed workers are none of those recorded, and each copy has processes of its own', () => {
  const workers = copies.flatMap(eventsOf).filter(({ hostname }) => hostname.startsWith('celery@'));
  expect(workers.every(({ hostname }) => hostname.startsWith('celery@replayed-'))).toBe(true);
  expect(new Set(workers.map(({ hostname, pid }) => `${hostname} ${pid}`)).size).toBe(3 * COPIES);
  expect(copies.every((one) => one.hostname === eventsOf(one)[0]?.hostname)).toBe(true);
});

it('the ledger has every task of the messages with the end that they tell, whatever their order', () => {
  const event = (uuid: string, type: string): CeleryEvent => ({
    type,
    uuid,
    hostname: 'celery@a',
    pid: 1,
    timestamp: 1,
  });
  const told = [
    messageOf([event('a', 'task-succeeded'), event('a', 'task-received'), event('b', 'task-started')]),
    messageOf(event('c', 'task-failed')),
    messageOf({ type: 'worker-heartbeat', hostname: 'celery@a', pid: 1, timestamp: 1 }),
    messageOf([event('d', 'task-succeeded'), event('d', 'task-failed')]),
  ];
  const ends = Object.fromEntries(ledgerOf(told).map(({ id, state }) => [id, state]));
  expect(ends).toEqual({ a: 'SUCCESS', b: null, c: 'FAILURE', d: 'SUCCESS' });
});
