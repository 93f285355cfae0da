/** What the one stream puts into the store. The browser's own parts are stood in for. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { SnapshotEvent } from '#lib/contract/stream.ts';
import type { ThroughputSecond } from '#lib/contract/tasks.ts';
import { emptyModel } from '#lib/model/model.ts';
import { NO_SAMPLES } from '#lib/model/samples.ts';
import { createLiveStore } from './store.ts';

/** A stream that says what the test tells it to. */
class Stream extends EventTarget {
  static opened: Stream[] = [];
  constructor() {
    super();
    Stream.opened.push(this);
  }
  close(): void {}
  says(event: string, data: object): void {
    this.dispatchEvent(new MessageEvent(event, { data: JSON.stringify(data) }));
  }
}

const URLS = { stream: '/stream', estate: '/estate' };

function second(i: number): ThroughputSecond {
  return {
    ...{ at: i * 1_000, sent: 0, received: 0, started: 0, succeeded: i, failed: 0, retried: 0, revoked: 0 },
    ...{ runtimeP50: null, runtimeP95: null, waitP50: null, waitP95: null, names: {}, queues: {}, workers: {} },
  };
}

function snapshot(rev: number, throughput: readonly ThroughputSecond[]): SnapshotEvent {
  return { rev, now: 0, model: emptyModel(), transitions: [], samples: NO_SAMPLES, throughput };
}

/** An open store and its newest stream. */
function open() {
  const store = createLiveStore();
  const close = store.open(URLS);
  return { store, close, stream: () => Stream.opened.at(-1) as Stream };
}

beforeEach(() => {
  Stream.opened = [];
  vi.useFakeTimers();
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('seconds of throughput follow the snapshot, and a patch after them is taken as the next', () => {
  const { store, close, stream } = open();
  stream().says('snapshot', snapshot(1, [second(1), second(2)]));
  stream().says('throughput', { rev: 2, second: second(3) });
  const host = { id: 'host-1', address: '127.0.1.1' };
  stream().says('patch', { base: 2, rev: 3, now: 0, upsert: { hosts: { 'host-1': host } }, remove: {} });
  expect(store.get().throughput).toEqual([second(1), second(2), second(3)]);
  expect(store.get().model.hosts).toEqual({ 'host-1': host });
  expect(Stream.opened).toHaveLength(1);
  close();
});

test('a page keeps what it saw before the stream was cut', () => {
  const { store, close, stream } = open();
  stream().says('snapshot', snapshot(1, [second(1), second(2)]));
  stream().dispatchEvent(new Event('error'));
  vi.advanceTimersByTime(1_000);
  expect(Stream.opened).toHaveLength(2);
  stream().says('snapshot', snapshot(9, [second(2), second(5)]));
  expect(store.get().throughput).toEqual([second(1), second(2), second(5)]);
  close();
});

test('a second of throughput leaves everything else as it is: nothing else renders', () => {
  const { store, close, stream } = open();
  stream().says('snapshot', snapshot(1, []));
  const before = store.get();
  stream().says('throughput', { rev: 2, second: second(3) });
  const { throughput, ...rest } = store.get();
  expect(throughput).toHaveLength(1);
  for (const [part, value] of Object.entries(rest)) expect(value, part).toBe(before[part as keyof typeof rest]);
  close();
});

test('a run is kept as the stream told of it last, and a patch after it is taken as the next', () => {
  const { store, close, stream } = open();
  stream().says('snapshot', snapshot(1, []));
  expect(store.get().run).toBeNull();
  stream().says('run', { rev: 2, run: { id: 'r1', state: 'running' } });
  stream().says('run', { rev: 3, run: { id: 'r1', state: 'ended' } });
  const host = { id: 'host-1', address: '127.0.1.1' };
  stream().says('patch', { base: 3, rev: 4, now: 0, upsert: { hosts: { 'host-1': host } }, remove: {} });
  expect(store.get().run).toEqual({ id: 'r1', state: 'ended' });
  expect(store.get().model.hosts).toEqual({ 'host-1': host });
  close();
});
