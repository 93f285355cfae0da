import { describe, expect, test } from 'vitest';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import { applyPatch } from '#lib/model/patch.ts';
import type { Transition } from '#lib/model/transition.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { createHub } from './hub.ts';

type Event = { id: string | null; event: string; data: Record<string, unknown> };

/** A browser: keeps what it was sent, can stop reading. */
function browser() {
  const state = { text: '', reading: true, closed: false };
  return {
    state,
    sink: {
      write(text: string) {
        state.text += text;
        return state.reading;
      },
      close() {
        state.closed = true;
      },
    },
    events(): Event[] {
      return state.text
        .split('\n\n')
        .filter((block) => block.includes('event: '))
        .map((block) => ({
          id: /^id: (.*)$/m.exec(block)?.[1] ?? null,
          event: /^event: (.*)$/m.exec(block)?.[1] ?? '',
          data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? 'null'),
        }));
    },
    names(): string[] {
      return this.events().map((one) => one.event);
    },
  };
}

function modelWith(address: string): Model {
  return { ...emptyModel(), hosts: { h: { id: 'h', address } } };
}

const transition: Transition = {
  ...{ id: 1, at: 0, code: 'RedisMaster', subject: { kind: 'redisServices', id: 'results' } },
  ...{ from: 'a', to: 'b', by: ['s1'] },
};

function setUp() {
  const clock = manualClock();
  return { clock, hub: createHub('me', { name: 'lab', colour: 'blue' }, clock) };
}

/** What a browser knows after its events. */
function modelOf(events: readonly Event[]): Model | null {
  let model: Model | null = null;
  let rev = -1;
  for (const { event, data } of events) {
    if (event === 'snapshot') model = data.model as Model;
    if (event === 'patch') {
      expect(data.base).toBe(rev);
      model = applyPatch(model as Model, data as never);
    }
    if (typeof data.rev === 'number') rev = data.rev;
  }
  return model;
}

describe('the hub', () => {
  test('a new browser gets hello and the whole model', () => {
    const { hub } = setUp();
    hub.publish(modelWith('1'), []);
    const one = browser();
    hub.join(one.sink, null);
    expect(one.names()).toEqual(['hello', 'snapshot']);
    expect(modelOf(one.events())).toEqual(modelWith('1'));
  });

  test('the first change after quiet leaves at once, the following ones at most every 250 ms, and the last one always', () => {
    const { hub, clock } = setUp();
    const one = browser();
    hub.join(one.sink, null);
    clock.advance(1_000);
    for (let i = 0; i < 100; i++) {
      hub.publish(modelWith(String(i)), []);
      clock.advance(10);
    }
    expect(one.names().filter((name) => name === 'patch')).toHaveLength(1 + 4);
    clock.advance(250);
    expect(modelOf(one.events())).toEqual(modelWith('99'));
  });

  test('a transition leaves at once, behind the change that it tells of', () => {
    const { hub } = setUp();
    const one = browser();
    hub.join(one.sink, null);
    hub.publish(modelWith('1'), []);
    hub.publish(modelWith('2'), [transition]);
    expect(one.names()).toEqual(['hello', 'snapshot', 'patch', 'patch', 'transition']);
  });

  test('a browser that comes back gets exactly what it missed', () => {
    const { hub, clock } = setUp();
    const first = browser();
    const client = hub.join(first.sink, null);
    hub.publish(modelWith('1'), []);
    client.leave();
    clock.advance(300);
    hub.publish(modelWith('2'), [transition]);
    const again = browser();
    hub.join(again.sink, first.events().at(-1)?.id ?? null);
    expect(again.names()).toEqual(['hello', 'patch', 'transition']);
    expect(modelOf([...first.events(), ...again.events()])).toEqual(modelWith('2'));
  });

  test('a browser that was away for too long, or at another Trellis, gets a snapshot', () => {
    const { hub, clock } = setUp();
    for (let i = 0; i < 600; i++) {
      hub.publish(modelWith(String(i)), []);
      clock.advance(300);
    }
    for (const id of ['me-1', 'other-599', 'me-99999', 'nonsense']) {
      const one = browser();
      hub.join(one.sink, id);
      expect(one.names()).toEqual(['hello', 'snapshot']);
    }
  });

  test('a browser that does not read is sent nothing more, and one fresh snapshot when it reads again', () => {
    const { hub, clock } = setUp();
    const slow = browser();
    const other = browser();
    const client = hub.join(slow.sink, null);
    hub.join(other.sink, null);
    slow.state.reading = false;
    for (let i = 0; i < 50; i++) {
      hub.publish(modelWith(String(i)), []);
      clock.advance(300);
    }
    expect(slow.names()).toEqual(['hello', 'snapshot', 'patch']);
    expect(other.names().filter((name) => name === 'patch')).toHaveLength(50);
    slow.state.reading = true;
    client.drained();
    expect(modelOf(slow.events())).toEqual(modelWith('49'));
    hub.publish(modelWith('50'), [transition]);
    expect(modelOf(slow.events())).toEqual(modelWith('50'));
  });

  test('a browser that was only slow to take a large text, and missed nothing, is sent nothing twice', () => {
    const { hub, clock } = setUp();
    hub.publish(modelWith('1'), []);
    const one = browser();
    one.state.reading = false;
    const client = hub.join(one.sink, null);
    one.state.reading = true;
    client.drained();
    expect(one.names()).toEqual(['hello', 'snapshot']);
    clock.advance(300);
    hub.publish(modelWith('2'), []);
    expect(one.names()).toEqual(['hello', 'snapshot', 'patch']);
    expect(modelOf(one.events())).toEqual(modelWith('2'));
  });

  test('a quiet stream carries a heartbeat every 5 s', () => {
    const { hub, clock } = setUp();
    const one = browser();
    hub.join(one.sink, null);
    clock.advance(31_000);
    expect(one.names().filter((name) => name === 'heartbeat')).toHaveLength(6);
  });

  test('closing says good-bye, closes every stream and admits nobody', () => {
    const { hub } = setUp();
    const one = browser();
    hub.join(one.sink, null);
    hub.close();
    const late = browser();
    hub.join(late.sink, null);
    expect(one.names().at(-1)).toBe('bye');
    expect([one.state.closed, late.state.closed, hub.clients]).toEqual([true, true, 0]);
  });

  test('transitions from before this process reach the browsers that were there first, and those that come later', () => {
    const { hub } = setUp();
    const first = browser();
    hub.join(first.sink, null);
    hub.publish(modelWith('1'), [{ ...transition, id: 3 }]);
    hub.remember([transition, { ...transition, id: 2 }]);
    const later = browser();
    hub.join(later.sink, null);
    for (const one of [first, later]) {
      const last = one.events().at(-1);
      expect(last?.event).toBe('snapshot');
      expect(last?.data).toMatchObject({ rev: hub.revision, transitions: [{ id: 1 }, { id: 2 }, { id: 3 }] });
    }
    hub.publish(modelWith('2'), [{ ...transition, id: 4 }]);
    expect(modelOf(first.events())).toEqual(modelWith('2'));
  });

  test('a browser that left is forgotten', () => {
    const { hub } = setUp();
    const one = browser();
    hub.join(one.sink, null).leave();
    hub.publish(modelWith('1'), []);
    expect(hub.clients).toBe(0);
    expect(one.names()).toEqual(['hello', 'snapshot']);
  });

  test('a fault that moves ten thousand queues does not bury the others, nor the browsers', () => {
    const { hub } = setUp();
    const one = browser();
    hub.join(one.sink, null);
    const queues = Array.from(
      { length: 10_000 },
      (_, i): Transition => ({ ...transition, id: i, code: 'QueueLeader' }),
    );
    hub.publish(modelWith('1'), [{ ...transition, id: 10_001, code: 'BrokerNodeRunning' }, ...queues]);
    const codes = one.events().flatMap(({ event, data }) => (event === 'transition' ? [data.code] : []));
    expect(codes[0]).toBe('BrokerNodeRunning');
    expect(codes).toHaveLength(51);
    expect(hub.timeline).toHaveLength(51);
  });

  test('a second of throughput is sent at once, kept for an hour, and the newest ten minutes come with a snapshot', () => {
    const { hub } = setUp();
    const second = (at: number) => ({ at, sent: 1 }) as ThroughputSecond;
    const early = browser();
    hub.join(early.sink, null);
    for (let at = 0; at < 5_000; at += 1) hub.throughput(second(at));
    expect(early.events().at(-1)).toMatchObject({ event: 'throughput', data: { second: { at: 4_999 } } });
    expect(hub.seconds).toHaveLength(3_600);
    const late = browser();
    hub.join(late.sink, null);
    const sent = late.events().at(-1)?.data.throughput as ThroughputSecond[];
    expect([sent.length, sent[0]?.at, sent.at(-1)?.at]).toEqual([600, 4_400, 4_999]);
    expect(hub.newestSeconds).toEqual(sent);
  });

  test('names and queues of a second stay with the server, neither sent with it nor with a snapshot', () => {
    const { hub } = setUp();
    const early = browser();
    hub.join(early.sink, null);
    const second = { at: 0, sent: 1, names: { add: 1 }, queues: { celery: 1 }, workers: { w: 1 } };
    hub.throughput(second as unknown as ThroughputSecond);
    const late = browser();
    hub.join(late.sink, null);
    const sent = { at: 0, sent: 1, workers: { w: 1 } };
    expect(early.events().at(-1)?.data.second).toEqual(sent);
    expect(late.events().at(-1)?.data.throughput).toEqual([sent]);
    expect(hub.seconds).toEqual([second]);
  });

  test('a patch after a second of throughput joins on to it', () => {
    const { hub, clock } = setUp();
    const one = browser();
    hub.join(one.sink, null);
    hub.publish(modelWith('1'), []);
    hub.throughput({ at: 0 } as ThroughputSecond);
    clock.advance(250);
    hub.publish(modelWith('2'), []);
    expect(modelOf(one.events())).toEqual(modelWith('2'));
  });
});
