import { expect, it } from 'vitest';
import { eventsOf } from './event-message.ts';
import { storyBatch } from './event-stories.ts';

const AT_MS = 1_795_288_209_000;
const COUNT = 300;
const batch = (seed: number, number = 0) => storyBatch(seed, number, COUNT, AT_MS);
const END: Readonly<Record<string, string>> = {
  'task-succeeded': 'SUCCESS',
  'task-failed': 'FAILURE',
  'task-revoked': 'REVOKED',
};

it('a seed and a number always make the same batch; others share no task with it', () => {
  expect(batch(1)).toEqual(batch(1));
  const ids = [batch(1), batch(1, 1), batch(2)].flatMap(({ tasks }) => tasks.map(({ id }) => id));
  expect(new Set(ids).size).toBe(3 * COUNT);
});

it('the events of a task, put in order by their own clocks, end as the ledger says', () => {
  const { tasks, messages } = batch(3);
  const events = messages.flatMap(eventsOf).sort((a, b) => a.timestamp - b.timestamp);
  for (const { id, state, retries } of tasks) {
    const own = events.filter(({ uuid }) => uuid === id);
    expect(own[0]?.type).toBe('task-sent');
    expect(END[own.at(-1)?.type ?? '']).toBe(state);
    const retried = new Set(own.filter(({ type }) => type === 'task-retried').map(({ timestamp }) => timestamp));
    expect(retried.size).toBe(retries);
  }
});

it('no two events of a task have the same time', () => {
  const told = batch(4).messages.flatMap(eventsOf);
  const keys = new Set(told.map(({ uuid, type, timestamp }) => `${uuid} ${type} ${timestamp}`));
  const times = new Set(told.map(({ uuid, timestamp }) => `${uuid} ${timestamp}`));
  expect(times.size).toBe(keys.size);
});

it('events come out of order, repeated, alone and in batches, with failures and retries among them', () => {
  const { tasks, messages, events } = batch(5);
  const order = messages.flatMap(eventsOf);
  expect(order).toHaveLength(events);
  expect(order.some((event, n) => event.timestamp < (order[n - 1]?.timestamp ?? 0))).toBe(true);
  expect(new Set(messages.map(({ body }) => body)).size).toBeLessThan(messages.length);
  const sizes = messages.filter(({ routingKey }) => routingKey === 'task.multi').map((one) => eventsOf(one).length);
  expect(Math.min(...sizes)).toBe(1);
  expect(Math.max(...sizes)).toBeGreaterThan(10);
  expect(new Set(tasks.map(({ state }) => state))).toEqual(new Set(Object.values(END)));
  expect(tasks.some(({ retries }) => retries > 1)).toBe(true);
});
