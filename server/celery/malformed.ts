/** For tests: bodies of messages that are no good events, the same ones for the same seed. Pure. */

/** A good event of each shape, to spoil. */
const SAMPLES: readonly Readonly<Record<string, unknown>>[] = [
  {
    ...{ type: 'task-sent', uuid: 'a1', hostname: 'gen7@app', timestamp: 1_795_288_211.1, pid: 7, clock: 1 },
    ...{ name: 't.add', args: '(1,)', kwargs: '{}', retries: 0, eta: null, expires: null },
    ...{ queue: 'celery', exchange: '', routing_key: 'celery', root_id: 'a1', parent_id: null },
  },
  {
    type: 'task-failed',
    uuid: 'a2',
    hostname: 'w1@h1',
    timestamp: 1_795_288_211.2,
    exception: "E('x')",
    traceback: '',
  },
  { type: 'task-succeeded', uuid: 'a3', hostname: 'w1@h1', timestamp: 1_795_288_211.3, result: '3', runtime: 0.1 },
  {
    ...{ type: 'worker-heartbeat', hostname: 'w1@h1', timestamp: 1_795_288_211.4, pid: 9, freq: 2, active: 0 },
    ...{ processed: 3, loadavg: [1, 2, 3], sw_ident: 'py-celery', sw_ver: '5.2.6', sw_sys: 'Linux' },
  },
];

const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -1, 0.5, 1e308, -1e308, 2 ** 53, '', ' ', 'NaN', '\0', '\ud800', '💥', '__proto__'],
  ...['task-', 'task-\ud800', 'worker-', 'worker-elect', 'task-constructor', 'x'.repeat(300), 'x'.repeat(20_000)],
  ...['2026-13-99T99:99:99', '9999999-01-01T00:00', [], {}, [[]], [null], { a: { b: [1] } }, ['task-sent']],
];
const RAW: readonly string[] = [
  ...['', ' ', 'null', 'true', '5', '"task-sent"', '[]', '{}', '[[]]', '[null]', '[{}]', 'NaN', '[NaN]', '-Infinity'],
  ...['{"type":', '{"type":"task-sent"', '\ufeff{}', '{"type":NaN}', '"\\', '"\\"'.repeat(500), 'Infinity"\\'],
  ...['{"__proto__":{"type":"task-sent"}}', '{"type":"task-sent","uuid":{"toString":1}}', "{'type': 'task-sent'}"],
];
const NUMBERS = ['NaN', 'Infinity', '-Infinity', '1e999', '-0', '1E400', '00', '0x1'];

/** So many bodies; among them are some that are good in spite of all. */
export function* malformedBodies(count: number, seed: number): Generator<Uint8Array> {
  const random = randomOf(seed);
  const bytes = new TextEncoder();
  for (let i = 0; i < count; i++) {
    const body = bytes.encode(textFor(random));
    if (random(10) === 0) for (let n = random(4); n >= 0; n--) body[random(body.length)] = random(256);
    yield body;
  }
}

type Random = (below: number) => number;

function textFor(random: Random): string {
  switch (random(8)) {
    case 0:
      return pick(RAW, random);
    case 1:
      return pick(['[', '{"a":', '[{},'], random).repeat(random(20_000));
    case 2: {
      const whole = JSON.stringify(spoiled(random));
      return whole.slice(0, random(whole.length));
    }
    case 3:
      return JSON.stringify(spoiled(random)).replace(/:\d[\d.]*/, () => `:${pick(NUMBERS, random)}`);
    case 4:
      return JSON.stringify(
        Array.from({ length: random(30) }, () => pick([spoiled(random), pick(HOSTILE, random)], random)),
      );
    case 5:
      return String.fromCharCode(...Array.from({ length: random(60) }, () => random(0x10000)));
    default:
      return JSON.stringify(spoiled(random));
  }
}

function spoiled(random: Random): Record<string, unknown> {
  const event: Record<string, unknown> = { ...pick(SAMPLES, random) };
  for (let n = random(3); n >= 0; n--) {
    const key = pick(Object.keys(event), random);
    if (key === undefined) return event;
    if (random(4) === 0) delete event[key];
    else event[key] = pick(HOSTILE, random);
  }
  return event;
}

function pick<T>(values: readonly T[], random: Random): T {
  return values[random(values.length)] as T;
}

/** Whole numbers below a limit, the same row for the same seed (mulberry32). */
function randomOf(seed: number): Random {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
