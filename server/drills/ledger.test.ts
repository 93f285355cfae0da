import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Account, type CanaryHappening, createLedger, type LedgerSettings } from './ledger.ts';

const SETTINGS: LedgerSettings = { beganAt: 0, intervalMs: 100, retryMs: 250, expiresMs: 60_000, redeliveryMs: 30_000 };
const JUDGED_AT = 200_000;
/** The workers' clock is an hour ahead. */
const AHEAD_MS = 3_600_000;
const SEED = { seed: 20_240_611, numRuns: 200 };

function accountOf(happenings: readonly CanaryHappening[], now = JUDGED_AT): Account {
  const ledger = createLedger(SETTINGS);
  for (const happening of happenings) ledger.note(happening);
  return ledger.account(now);
}

const published = (id: string, at: number, queue = 'celery'): CanaryHappening => ({ kind: 'published', id, at, queue });
const confirmed = (id: string, at: number): CanaryHappening => ({ kind: 'confirmed', id, at });
const checked = (id: string, at: number, found: boolean): CanaryHappening => ({ kind: 'checked', id, at, found });
type Told = 'started' | 'succeeded' | 'revoked';
const event = (id: string, type: Told, at: number, worker = 'w1', pid: number | null = null): CanaryHappening => ({
  ...{ kind: 'event', id, type, worker, pid },
  ...{ at: at + AHEAD_MS, heardAt: at + 5 },
});
const alive = (worker: string, pid: number, at: number): CanaryHappening => ({ kind: 'alive', worker, pid, at });
const result = (id: string, at: number, worker: string | null = 'w1', doneAt = at - 1): CanaryHappening => ({
  ...{ kind: 'result', id, at, worker, doneAt: doneAt + AHEAD_MS },
});

type Fate =
  | 'well'
  | 'unconfirmed'
  | 'unconfirmed, ran all the same'
  | 'unconfirmed, ran late'
  | 'lost'
  | 'begun, never ended'
  | 'expired'
  | 'repeated'
  | 'stored twice by one run'
  | 'result lost'
  | 'result never seen'
  | 'delayed';

/** What can become of a canary, what then happens, and how it is to be counted. */
const FATES: Readonly<Record<Fate, (id: string, at: number) => CanaryHappening[]>> = {
  well: (id: string, at: number) => [
    ...[published(id, at), confirmed(id, at + 2), event(id, 'started', at + 5), event(id, 'succeeded', at + 7)],
    ...[result(id, at + 8), checked(id, 100_000, true)],
  ],
  unconfirmed: (id: string, at: number) => [published(id, at), { kind: 'unconfirmed', id, at: at + 50 } as const],
  'unconfirmed, ran all the same': (id: string, at: number) => [
    ...[published(id, at), { kind: 'unconfirmed', id, at: at + 50 } as const, event(id, 'started', at + 5)],
    ...[event(id, 'succeeded', at + 7), result(id, at + 8), checked(id, 100_000, true)],
  ],
  'unconfirmed, ran late': (id: string, at: number) => [
    ...[published(id, at), { kind: 'unconfirmed', id, at: at + 50 } as const, event(id, 'started', at + 1_005)],
    ...[event(id, 'succeeded', at + 1_007), result(id, at + 1_010), checked(id, 100_000, true)],
  ],
  lost: (id: string, at: number) => [published(id, at), confirmed(id, at + 2), checked(id, 100_000, false)],
  'begun, never ended': (id: string, at: number) => [
    ...[published(id, at), confirmed(id, at + 2), event(id, 'started', at + 5), checked(id, 100_000, false)],
  ],
  expired: (id: string, at: number) => [published(id, at), confirmed(id, at + 2), event(id, 'revoked', at + 70_000)],
  repeated: (id: string, at: number) => [
    ...FATES.well(id, at),
    ...[event(id, 'started', at + 900, 'w2'), event(id, 'succeeded', at + 905, 'w2')],
  ],
  'stored twice by one run': (id: string, at: number) => [...FATES.well(id, at), result(id, at + 500, 'w1', at + 499)],
  'result lost': (id: string, at: number) => [...FATES.well(id, at), checked(id, 150_000, false)],
  'result never seen': (id: string, at: number) => [
    ...[published(id, at), confirmed(id, at + 2), event(id, 'started', at + 5), event(id, 'succeeded', at + 7)],
    checked(id, 100_000, false),
  ],
  delayed: (id: string, at: number) => [
    ...[published(id, at), confirmed(id, at + 2), event(id, 'started', at + 1_005), event(id, 'succeeded', at + 1_007)],
    ...[result(id, at + 1_010), checked(id, 100_000, true)],
  ],
};

const COUNTED: Readonly<Record<Exclude<keyof Account['counts'], 'published' | 'open'>, readonly Fate[]>> = {
  confirmed: (Object.keys(FATES) as Fate[]).filter((fate) => !fate.startsWith('unconfirmed')),
  unconfirmed: (Object.keys(FATES) as Fate[]).filter((fate) => fate.startsWith('unconfirmed')),
  executed: (Object.keys(FATES) as Fate[]).filter(
    (fate) => !['unconfirmed', 'lost', 'expired', 'begun, never ended'].includes(fate),
  ),
  lost: ['lost', 'expired', 'begun, never ended'],
  repeated: ['repeated'],
  resultsLost: ['result lost', 'result never seen'],
  delayed: ['delayed'],
};

const fates = fc.array(fc.constantFrom(...(Object.keys(FATES) as Fate[])), { minLength: 1, maxLength: 30 });
const idOf = (n: number) => `trellis-${String(n).padStart(3, '0')}`;
/** One canary that went well comes first: without any event nothing can be told of the others. */
const storyOf = (chosen: readonly Fate[]) =>
  ['well' as const, ...chosen].flatMap((fate, n) => FATES[fate](idOf(n), 1_000 + n * 100));

test('every canary is counted as what became of it, and named', () => {
  fc.assert(
    fc.property(fates, (chosen) => {
      const { counts, judged } = accountOf(storyOf(chosen));
      const all: Fate[] = ['well', ...chosen];
      const countOf = (of: readonly Fate[]) => all.filter((fate) => of.includes(fate)).length;
      const expected = Object.entries(COUNTED).map(([name, of]) => [name, countOf(of)]);
      expect(counts).toEqual({ published: all.length, open: 0, ...Object.fromEntries(expected) });
      const named = (of: readonly Fate[]) => all.flatMap((fate, n) => (of.includes(fate) ? [idOf(n)] : []));
      expect(judged).toEqual({
        lost: named(COUNTED.lost),
        repeated: named(COUNTED.repeated),
        resultsLost: named(COUNTED.resultsLost),
      });
    }),
    SEED,
  );
});

test('what the history tells again, to the microsecond, is not another run', () => {
  const told = FATES.well('a', 1_000.123_456_7);
  const again = told.map((one) => (one.kind === 'event' ? { ...one, at: Math.round(one.at * 1_000) / 1_000 } : one));
  expect(accountOf([...told, ...again])).toEqual(accountOf(told));
  expect(accountOf([...told, ...again]).judged.repeated).toEqual([]);
});

test('a result that does not say when it was made is one run, however often it is read', () => {
  const read = (at: number): CanaryHappening => ({ kind: 'result', id: 'a', at, worker: null, doneAt: null });
  const all = [published('a', 1_000), confirmed('a', 1_001), read(1_010), read(2_000), checked('a', 100_000, true)];
  expect(accountOf(all).judged.repeated).toEqual([]);
});

test('a canary that was begun and never ended is lost only if its process said nothing more', () => {
  const begun = (id: string, worker: string, pid: number | null) => [
    ...[published(id, 1_000), confirmed(id, 1_002), event(id, 'started', 1_005, worker, pid)],
    checked(id, 100_000, false),
  ];
  const later = (id: string, at: number, worker: string, pid: number) => [
    ...[published(id, at), confirmed(id, at), event(id, 'started', at, worker, pid), result(id, at + 1, worker)],
    ...[event(id, 'succeeded', at + 1, worker, pid), checked(id, 100_000, true)],
  ];
  const { judged, counts } = accountOf([
    ...[...begun('lived', 'w1', 7), ...later('a', 6_010, 'w1', 7)],
    // Another process under the same name.
    ...[...begun('died', 'w2', 7), ...later('b', 9_000, 'w2', 8)],
    // It may have died with the canary.
    ...[...begun('soon', 'w3', 7), ...later('c', 1_100, 'w3', 7)],
    ...begun('unknown', 'w4', null),
    // No canary came any more, but heartbeats did.
    ...[...begun('beats', 'w5', 7), alive('w5', 7, 6_010), alive('w5', 7, 2_000)],
    ...[...begun('beat', 'w6', 7), alive('w6', 7, 6_000), alive('w6', 8, 9_000)],
  ]);
  expect(judged).toEqual({ lost: ['beat', 'died', 'soon', 'unknown'], repeated: [], resultsLost: ['beats', 'lived'] });
  expect(counts.executed).toBe(5);
});

test('neither the order in which things are told nor a repetition changes the account, at any time', () => {
  const shuffled = fates.chain((chosen) => {
    const story = [
      ...storyOf(chosen),
      ...[0, 1, 2, 3, 9].map((n) => ({ kind: 'tick', name: 't', at: n * 500 }) as const),
      ...[0, 7_000].map((at) => ({ kind: 'alive', worker: 'w1', pid: 7, at }) as const),
    ];
    return fc.record({
      story: fc.constant(story),
      other: fc
        .tuple(fc.shuffledSubarray(story, { minLength: story.length }), fc.subarray(story))
        .map(([all, again]) => [...all, ...again]),
    });
  });
  fc.assert(
    fc.property(shuffled, fc.integer({ min: 1_000, max: JUDGED_AT }), ({ story, other }, now) => {
      expect(accountOf(other, now)).toEqual(accountOf(story, now));
    }),
    SEED,
  );
});

test('what has an end is never open again, and what is confirmed is executed, lost or open', () => {
  fc.assert(
    fc.property(fates, fc.array(fc.nat(250_000)), (chosen, times) => {
      const only = chosen.filter((fate) => !fate.startsWith('unconfirmed'));
      let before = Number.POSITIVE_INFINITY;
      for (const now of [...times, JUDGED_AT].sort((a, b) => a - b)) {
        const { counts } = accountOf(storyOf(only), now);
        expect(counts.open).toBeLessThanOrEqual(before);
        expect(counts.executed + counts.lost).toBeLessThanOrEqual(counts.confirmed);
        expect(counts.executed + counts.lost + counts.open).toBeGreaterThanOrEqual(counts.confirmed);
        before = counts.open;
      }
    }),
    SEED,
  );
});

test('a canary is not judged lost before it has expired and could have been delivered again', () => {
  const story = [...FATES.well('w', 0), ...FATES.lost('x', 1_000)];
  expect(accountOf(story, 90_999)).toMatchObject({ counts: { lost: 0, open: 1 } });
  expect(accountOf(story, 91_000)).toMatchObject({ counts: { lost: 1, open: 0 }, judged: { lost: ['x'] } });
});

test('one that a worker, or somebody, has revoked is lost at once', () => {
  const revoked = [published('x', 1_000), confirmed('x', 1_002), event('x', 'revoked', 1_500)];
  expect(accountOf([...FATES.well('w', 0), ...revoked], 2_000)).toMatchObject({ counts: { open: 0, lost: 1 } });
});

test('one that a younger one of its queue has overtaken is judged as soon as it could have been delivered again', () => {
  const story = [...FATES.well('w', 0), ...FATES.lost('x', 1_000), ...FATES.well('y', 2_000)];
  expect(accountOf(story, 32_007)).toMatchObject({ counts: { lost: 0, open: 1 } });
  expect(accountOf(story, 32_008)).toMatchObject({ counts: { lost: 1, open: 0 }, judged: { lost: ['x'] } });
  const elsewhere = story.map((one) => (one.kind === 'published' && one.id === 'y' ? { ...one, queue: 'other' } : one));
  expect(accountOf(elsewhere, 90_999)).toMatchObject({ counts: { lost: 0, open: 1 } });
});

test('without Celery’s events a missing result is no lost task: nobody can tell', () => {
  const seen = [published('w', 0), confirmed('w', 2), result('w', 8)];
  expect(accountOf([...seen, ...FATES.lost('x', 1_000)]).counts).toMatchObject({ lost: 0, resultsLost: 0, open: 1 });
});

test('without Celery’s events a task whose result was announced twice ran twice', () => {
  const twice = [published('w', 0), confirmed('w', 2), result('w', 8), result('w', 500)];
  expect(accountOf(twice).judged.repeated).toEqual(['w']);
});

test('two workers that announce a result ran it twice, whatever became of their events', () => {
  const story = [...FATES.well('w', 0), result('w', 500, 'w2')];
  expect(accountOf(story).judged.repeated).toEqual(['w']);
});

test('a result that was read again after it was missing is there', () => {
  const story = [...FATES.well('w', 0), checked('w', 120_000, false), checked('w', 130_000, true)];
  expect(accountOf(story).counts).toMatchObject({ resultsLost: 0, open: 0 });
});

test('what was told of other canaries than those that were published is not counted', () => {
  const others = [event('other', 'started', 5), result('other', 8), confirmed('other', 2)];
  expect(accountOf([...FATES.well('w', 0), ...others]).counts).toMatchObject({
    published: 1,
    confirmed: 1,
    executed: 1,
  });
});

/** What a canary takes that meets no fault. */
const ROUND_TRIP_MS = 10;

/** One canary every 100 ms from 0 to `to`; while it is away (epoch ms) nothing of `path` works, and it catches up at once. */
function run(to: number, away: { from: number; to: number; path: 'publish' | 'execute' | 'result' } | null) {
  const happenings: CanaryHappening[] = [];
  for (let at = 100; at < to; at += 100) {
    const id = idOf(at);
    const held = (path: string, time: number) =>
      away?.path === path && time >= away.from && time < away.to ? away.to : time;
    if (held('publish', at) !== at) continue;
    const ranAt = held('execute', at + 5);
    const seenAt = held('result', ranAt + 3);
    happenings.push(published(id, at), confirmed(id, at + 2));
    happenings.push(event(id, 'started', ranAt), event(id, 'succeeded', ranAt + 2), result(id, seenAt));
  }
  return happenings;
}

test('a run without a fault has no outage', () => {
  expect(accountOf(run(10_000, null), 10_000).outages).toEqual([]);
  expect(accountOf([...run(10_000, null), { kind: 'ended', at: 10_000 }], 60_000).outages).toEqual([]);
});

test('an outage goes from the last good sign to the first, and its true length lies within the error', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('publish', 'execute', 'result'),
      fc.integer({ min: 1_000, max: 1_200 }),
      fc.integer({ min: 400, max: 6_000 }),
      (path, from, lengthMs) => {
        const away = { path, from, to: from + lengthMs } as const;
        const found = accountOf(run(10_000, away), 10_000).outages.find((one) => one.path === path);
        expect(found).toBeDefined();
        if (found === undefined) return;
        expect(found.from).toBeLessThanOrEqual(from + ROUND_TRIP_MS);
        expect(found.to).toBeGreaterThanOrEqual(away.to - 1);
        expect(Math.abs(found.ms - lengthMs)).toBeLessThanOrEqual(found.errorMs + ROUND_TRIP_MS);
        // Half the time between two canaries, what reconnecting takes, and what the clocks leave open.
        expect(found.errorMs).toBeLessThanOrEqual(path === 'execute' ? 60 : 180);
      },
    ),
    SEED,
  );
});

test('a worker’s clock that is an hour ahead moves no outage', () => {
  const [found] = accountOf(run(5_000, { path: 'execute', from: 2_000, to: 3_000 }), 5_000).outages;
  expect(found).toMatchObject({ path: 'execute', ms: expect.any(Number) });
  expect(Math.abs((found?.to ?? 0) - 3_000)).toBeLessThanOrEqual(10);
});

test('an outage that goes on has no end, and grows', () => {
  const story = run(10_000, { path: 'result', from: 5_000, to: 99_999 });
  for (const now of [7_000, 9_000]) {
    const [found] = accountOf(
      story.filter((one) => one.kind !== 'result' || one.at <= now),
      now,
    ).outages;
    expect(found).toMatchObject({ path: 'result', to: null });
    expect(Math.abs((found?.ms ?? 0) - (now - 5_000))).toBeLessThanOrEqual(found?.errorMs ?? 0);
  }
});

test('a broker that was never reached is out from the beginning', () => {
  expect(accountOf([], 1_000).outages).toEqual([]);
  expect(accountOf([], 10_000).outages).toMatchObject([
    { path: 'publish', from: 0, to: null },
    { path: 'execute', from: 0, to: null },
    { path: 'result', from: 0, to: null },
  ]);
});

test('after the end only what still waits can be out', () => {
  const story = [...run(5_000, null), published('late', 4_990), confirmed('late', 4_992)];
  const ended: CanaryHappening = { kind: 'ended', at: 5_000 };
  expect(accountOf([...run(5_000, null), ...FATES.lost('x', 2_000), ended], 20_000).outages).toEqual([]);
  expect(accountOf([...story, ended], 20_000).outages.map(({ path }) => path)).toEqual(['execute', 'result']);
});

test('one queue of two that is out is an outage, though the other goes on', () => {
  const other = run(10_000, null).map((one) => ('id' in one ? { ...one, id: `b-${one.id}` } : one));
  const both = [
    ...run(10_000, { path: 'execute', from: 2_000, to: 4_000 }),
    ...other.map((one) => (one.kind === 'published' ? { ...one, queue: 'b' } : one)),
  ];
  expect(accountOf(both, 10_000).outages).toMatchObject([{ path: 'execute' }, { path: 'result' }]);
});

test('two queues that are out at a time are one outage, from the first that went to the last that came back', () => {
  const away = (from: number, to: number) => run(10_000, { path: 'execute', from, to });
  const other = away(3_000, 5_000).map((one) => ('id' in one ? { ...one, id: `b-${one.id}` } : one));
  const both = [
    ...away(2_000, 4_000),
    ...other.map((one) => (one.kind === 'published' ? { ...one, queue: 'b' } : one)),
  ];
  const [execute, ...rest] = accountOf(both, 10_000).outages;
  expect(rest.map(({ path }) => path)).toEqual(['result']);
  expect(Math.abs((execute?.ms ?? 0) - 3_000)).toBeLessThanOrEqual((execute?.errorMs ?? 0) + ROUND_TRIP_MS);
});
