import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeTask, type TaskChange, taskOf } from '#server/ingest/merge.ts';
import { acceptedEventSchema } from './event-schema.ts';
import { AHEAD_LIMIT_MS, BODY_LIMIT_BYTES, parseEvents, TEXT_LIMITS } from './events.ts';
import { malformedBodies } from './malformed.ts';

const NOW = 1_795_288_300_000;
const bytes = new TextEncoder();
const parse = (value: unknown) => parseEvents(bytes.encode(JSON.stringify(value)), NOW);
const parseText = (text: string) => parseEvents(bytes.encode(text), NOW);
const started = {
  type: 'task-started',
  uuid: 'u1',
  hostname: 'w1@h1',
  pid: 7,
  clock: 3,
  timestamp: 1_795_288_211.123456,
};
const received = { ...started, type: 'task-received', name: 't.add', args: '(1,)', kwargs: '{}', retries: 0 };
const heartbeat = {
  ...{ type: 'worker-heartbeat', hostname: 'w1@h1', pid: 9, clock: 4, timestamp: 1_795_288_211.5, utcoffset: -5 },
  ...{ freq: 2.0, active: 1, processed: 212, loadavg: [1, 1.83, 1.93] },
  ...{ sw_ident: 'py-celery', sw_ver: '5.2.6', sw_sys: 'Linux' },
};
const one = (value: unknown): TaskChange => {
  const [change] = parse(value).tasks;
  if (change === undefined) throw new Error('not taken');
  return change;
};

describe('what Celery sends', () => {
  const lines = readFileSync(new URL('./fixtures/celery-5.6.3-events.jsonl', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  const recorded = lines.map((line) => parse(JSON.parse(line).body));
  const changes = recorded.flatMap(({ tasks }) => tasks);
  const taskAt = (id: string) =>
    taskOf(
      mergeTask(
        null,
        changes.filter((change) => change.id === id),
      ),
    );

  test('every recorded event is taken', () => {
    expect(recorded.flatMap(({ rejected }) => rejected)).toEqual([]);
    expect(changes).toHaveLength(48);
    expect(recorded.flatMap(({ workers }) => workers)).toHaveLength(8);
  });

  test('a recorded task has all that was told of it', () => {
    expect(taskAt('27963fad-602e-493d-9bc7-17ca521cf908')).toMatchObject({
      ...{ name: 'ptasks.add', state: 'SUCCESS', worker: 'w1@h1', queue: 'celery', args: '(1, 2)', kwargs: '{}' },
      ...{ result: '3', sentAt: 1_795_288_211_104.345, finishedAt: 1_795_288_211_127.49, endedBy: 'events' },
    });
  });

  test('a recorded retry whose next attempt came before it was told', () => {
    expect(taskAt('f9f2661e-7af9-401b-800c-38fb399e300b')).toMatchObject({
      retries: 1,
      redeliveries: 0,
      parentId: null,
    });
  });

  test('a heartbeat tells the worker; offsets of zones are not applied', () => {
    expect(parse(heartbeat).workers).toEqual([
      {
        ...{ type: 'heartbeat', worker: 'w1@h1', at: 1_795_288_211_500, pid: 9, everyMs: 2_000, active: 1, clock: 4 },
        ...{ processed: 212, loadAverage: [1, 1.83, 1.93], software: 'py-celery 5.2.6', system: 'Linux' },
      },
    ]);
    expect(parse({ ...heartbeat, loadavg: [1], active: NaN, sw_ver: 5, timestamp: 'x' }).workers[0]).toMatchObject({
      ...{ loadAverage: null, active: null, software: 'py-celery', at: null, processed: 212 },
    });
  });

  test('batches of any length, empty ones too, keep what is good in them', () => {
    expect(parse([])).toEqual({ tasks: [], workers: [], rejected: [], skewed: 0 });
    const batch = parse([started, null, received, [started], { ...started, uuid: 5 }, heartbeat, { type: 'x' }]);
    expect(batch.tasks.map(({ event }) => event.type)).toEqual(['started', 'received']);
    expect(batch.workers).toHaveLength(1);
    expect(batch.rejected).toEqual(['wrong-shape', 'wrong-shape', 'no-id', 'unknown-type']);
    expect(parse(Array.from({ length: 1_000 }, () => started)).tasks).toHaveLength(1_000);
  });

  test('Python prints numbers that JSON does not know', () => {
    const text = JSON.stringify({ ...started, type: 'task-succeeded', result: 'NaN "Infinity', runtime: 0 });
    const { tasks } = parseText(text.replace('"runtime":0', '"runtime":NaN'));
    expect(tasks[0]?.fields).toEqual({ result: 'NaN "Infinity' });
  });

  test('an event of its own kind is kept as custom, under its name', () => {
    expect(one({ ...started, type: 'task-progress' }).event).toMatchObject({ type: 'custom', note: 'progress' });
    expect(one({ ...started, type: 'task-orphaned' }).event).toMatchObject({ type: 'custom', note: 'orphaned' });
    expect(one({ ...started, type: 'task-result', result: 'x' })).toMatchObject({
      event: { type: 'custom' },
      fields: {},
    });
  });

  test('how it was revoked or rejected is noted', () => {
    expect(one({ ...started, type: 'task-revoked', terminated: true, expired: false }).event.note).toBe('terminated');
    expect(one({ ...started, type: 'task-revoked', terminated: false, expired: true }).event.note).toBe('expired');
    expect(one({ ...started, type: 'task-rejected', requeue: true }).event.note).toBe('requeued');
    expect(one({ ...started, type: 'task-rejected', requeue: false }).event.note).toBeNull();
  });

  test('times: seconds to milliseconds, ISO with or without an offset', () => {
    const { event, fields } = one({
      ...received,
      eta: '2026-11-21T19:10:12.151436+01:00',
      expires: '2026-11-21T19:10:12',
    });
    expect(event.at).toBeCloseTo(1_795_288_211_123.456, 3);
    expect(fields).toMatchObject({
      eta: Date.UTC(2026, 10, 21, 18, 10, 12, 151),
      expires: Date.UTC(2026, 10, 21, 19, 10, 12),
    });
    expect(one({ ...received, eta: '1', expires: 5 }).fields).toEqual({ name: 't.add', args: '(1,)', kwargs: '{}' });
  });

  test('a canary is a built-in task under an id of Trellis', () => {
    const canary = { ...received, name: 'celery.accumulate' };
    expect(one({ ...canary, uuid: 'trellis-1' }).fields.canary).toBe(true);
    expect(one({ ...canary, uuid: 'other-1' }).fields.canary).toBeUndefined();
    expect(one({ ...received, uuid: 'trellis-1' }).fields.canary).toBe(false);
  });

  test('whatever is heard of a canary says that it is one, so that a lost event makes no other task of it', () => {
    for (const type of ['started', 'succeeded', 'failed', 'retried', 'revoked', 'rejected', 'progress']) {
      const change = one({ ...started, type: `task-${type}`, uuid: 'trellis-1' });
      expect(taskOf(mergeTask(null, [change])).canary).toBe(true);
      // Another's task under such an id is none, whatever came first.
      const named = one({ ...received, uuid: 'trellis-1' });
      for (const changes of [
        [change, named],
        [named, change],
      ])
        expect(taskOf(mergeTask(null, changes)).canary).toBe(false);
    }
  });

  test('a retry without an exception shows none', () => {
    expect(one({ ...started, type: 'task-retried', exception: 'None', traceback: 'tb' }).fields).toEqual({
      traceback: 'tb',
    });
  });
});

describe('what is wrong with an event', () => {
  test.each<[string, unknown, string]>([
    ['no object', 5, 'wrong-shape'],
    ['no type', { ...started, type: undefined }, 'wrong-shape'],
    ['another type', { ...started, type: 'worker-elect' }, 'unknown-type'],
    ['a type without a name', { ...started, type: 'task-' }, 'unknown-type'],
    ['no id', { ...started, uuid: '' }, 'no-id'],
    ['a worker without a name', { ...heartbeat, hostname: null }, 'no-id'],
    ['an id that is too long', { ...started, uuid: 'u'.repeat(256) }, 'too-large'],
    ['a name that is too long', { ...received, name: 'n'.repeat(256) }, 'too-large'],
    ['a worker that is too long', { ...heartbeat, hostname: 'n'.repeat(256) }, 'too-large'],
    ['no time', { ...started, timestamp: null }, 'wrong-shape'],
    ['a time that no date can say', { ...started, timestamp: 1e300 }, 'wrong-shape'],
    ['an id that cannot be stored', { ...started, uuid: 'a\ud800' }, 'wrong-shape'],
  ])('%s: it is counted and not taken', (_, event, reason) => {
    expect(parse(event)).toEqual({ tasks: [], workers: [], rejected: [reason], skewed: 0 });
  });

  test('bodies that are no JSON, or beyond all measure, are counted once', () => {
    for (const text of ['', '{', '{"type":', "{'a': 1}", '[NaN', '"\\'])
      expect(parseText(text).rejected).toEqual(['not-json']);
    expect(parseEvents(new Uint8Array([0xff, 0xfe, 0x00]), NOW).rejected).toEqual(['not-json']);
    expect(parseEvents(new Uint8Array(BODY_LIMIT_BYTES + 1), NOW).rejected).toEqual(['too-large']);
  });

  test('long texts are cut with an ellipsis, and never in the middle of a character', () => {
    const long = '💥'.repeat(20_000);
    for (const [type, fields] of [
      ['task-received', ['args', 'kwargs']],
      ['task-succeeded', ['result']],
      ['task-failed', ['exception', 'traceback']],
    ] as const) {
      const told = one({ ...started, type, ...Object.fromEntries(fields.map((field) => [field, long])) }).fields;
      for (const field of fields) {
        expect(told[field]?.length).toBeLessThanOrEqual(TEXT_LIMITS[field]);
        expect(told[field]?.length).toBeGreaterThanOrEqual(TEXT_LIMITS[field] - 1);
        expect(told[field]?.endsWith('💥…')).toBe(true);
      }
    }
  });

  test('a clock far ahead is set back and counted, and stays the same event when it comes again', () => {
    const ahead = { ...started, timestamp: (NOW + AHEAD_LIMIT_MS + 1_000) / 1_000 };
    const { tasks, skewed } = parse([ahead, { ...started, timestamp: (NOW + AHEAD_LIMIT_MS) / 1_000 }]);
    expect(skewed).toBe(1);
    expect(tasks.map(({ event }) => event.at)).toEqual([NOW, NOW + AHEAD_LIMIT_MS]);
    const again = parseEvents(bytes.encode(JSON.stringify(ahead)), NOW + 5_000).tasks;
    expect(mergeTask(null, [...tasks.slice(0, 1), ...again]).events).toHaveLength(1);
  });
});

describe('the parser and the schema', () => {
  const hostile = fc.oneof(
    fc.constantFrom<unknown>(null, '', 'x', 'n'.repeat(255), 'n'.repeat(256), 0, -1, 1.5, 2 ** 53, 1e300, true, [], {}),
    fc.constantFrom<unknown>([1, 2, 3], [1, 2], '\ud800', 'a\0', '2026-11-21T19:10:12+00:00', 1_795_288_211.5),
    fc.jsonValue(),
  );
  const type = fc.constantFrom(
    ...['task-sent', 'task-received', 'task-succeeded', 'task-failed', 'task-retried', 'task-revoked', 'task-rejected'],
    ...['task-mine', 'task-', 'worker-online', 'worker-heartbeat', 'worker-elect', 'x'],
  );
  const base = {
    ...received,
    ...heartbeat,
    timestamp: 1_795_288_211.5,
    uuid: 'u',
    result: 'r',
    runtime: 1,
    exception: 'e',
  };
  const spoiled = fc
    .record({
      type,
      spoil: fc.dictionary(fc.constantFrom(...Object.keys(base), 'queue', 'exchange', 'requeue'), hostile),
    })
    .map(({ type: word, spoil }) => ({ ...base, type: word, ...spoil }));

  test('take the same events, and read the same of them', () => {
    let taken = 0;
    fc.assert(
      fc.property(spoiled, (event) => {
        const said = parse(event);
        const schema = acceptedEventSchema.safeParse(JSON.parse(JSON.stringify(event)));
        expect(schema.success).toBe(said.rejected.length === 0);
        if (!schema.success) return;
        taken++;
        expect(parse(schema.data)).toEqual(said);
      }),
      { seed: 88_001, numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});

test('malformed bodies end as counted or taken, the same ones for a seed, and whatever is taken can be merged', () => {
  const rejected = new Set<string>();
  let taken = 0;
  for (const body of malformedBodies(5_000, 20_264)) {
    const said = parseEvents(body, NOW);
    for (const reason of said.rejected) rejected.add(reason);
    for (const change of said.tasks) {
      taken++;
      expect(taskOf(mergeTask(null, [change])).id).toBe(change.id);
    }
  }
  expect([...rejected].sort()).toEqual(['no-id', 'not-json', 'too-large', 'unknown-type', 'wrong-shape']);
  expect(taken).toBeGreaterThan(100);
  expect([...malformedBodies(20, 7)]).toEqual([...malformedBodies(20, 7)]);
  expect([...malformedBodies(20, 7)]).not.toEqual([...malformedBodies(20, 8)]);
});
