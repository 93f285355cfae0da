/** After a failover that came to nothing no drill counts on the Sentinels before they have rested, and it says until when. */
import { expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import type { SentinelEvent } from '#lib/model/redis.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { changed, NOW } from '#server/sources/told-estate.ts';
import type { DRILLS } from './catalog/all.ts';
import { bench, boot, settledIn } from './drill-bench.ts';
import { noSentinelRests } from './failover-guard.ts';
import { judged, SENTINEL, service, whole } from './guard-fixture.ts';
import { memoryRuns } from './memory-runs.ts';

const NAME = service.masterName;
const OTHER = '127.0.1.1:26379';
const timed = { ...service, failoverTimeoutMs: 60_000 };
const ago = (seconds: number, channel: string, text: string): SentinelEvent => ({
  ...{ at: NOW - seconds * 1_000, channel, text },
});
const tried = (seconds: number) => ago(seconds, '+try-failover', `master ${NAME} 127.0.1.2 6379`);
const voted = (seconds: number) => ago(seconds, '+vote-for-leader', 'a4db54b4a862c06987494943d793f2c6a47e0d05 7');
const switched = (seconds: number, name = NAME) =>
  ago(seconds, '+switch-master', `${name} 127.0.1.2 6379 127.0.1.1 6379`);
const told = (events: readonly SentinelEvent[], sentinel = SENTINEL): Model =>
  changed(whole, 'sentinels', sentinel, { events });

test('an attempt that was given up blocks for twice the failover time-out, and the time is told', () => {
  const model = told([tried(20), ago(15, '-failover-abort-no-good-slave', `master ${NAME} 127.0.1.2 6379`)]);
  const until = new Date(NOW + 101_000).toISOString().slice(11, 19);
  expect(judged(noSentinelRests(timed), model)).toBe(
    `block: The last failover came to nothing, and sentinel@host-3 would begin none by itself for a while. Possible again at ${until} UTC, in 1 min.`,
  );
  expect(judged(noSentinelRests(timed), told([tried(120)]))).toContain('in 1.0 s');
  expect(judged(noSentinelRests(timed), told([tried(121)]))).toMatch(/^pass: /);
});

test('whoever voted for a failover that came to nothing rests, too, and the last to be ready again counts', () => {
  const until = new Date(NOW + 111_000).toISOString().slice(11, 19);
  const both = changed(told([voted(20)]), 'sentinels', OTHER, { events: [voted(10)] });
  const said = judged(noSentinelRests(timed), both);
  expect(said).toMatch(/^block: .*sentinel@host-1.*sentinel@host-3/);
  expect(said).toContain(`again at ${until} UTC`);
});

test.each([
  ['nothing', []],
  ['a failover that made a new master', [tried(20), voted(20), switched(18)]],
  ['a vote of which a new master came', [voted(20), switched(18)]],
  ['a reset of the Sentinel', [tried(20), ago(10, '+reset-master', `master ${NAME} 127.0.1.2 6379`)]],
  ['an attempt for another service', [ago(20, '+try-failover', 'master other 127.0.1.2 7000')]],
] as const)('%s leaves no rest', (_, events) => {
  expect(judged(noSentinelRests(timed), told(events))).toMatch(/^pass: /);
});

test('a new master of another service ends no rest from an attempt of this one', () => {
  expect(judged(noSentinelRests(timed), told([tried(20), switched(10, 'other')]))).toMatch(/^block: /);
});

test('without a told time-out Sentinel’s own is meant: six minutes', () => {
  const untold = { ...service, failoverTimeoutMs: null };
  expect(judged(noSentinelRests(untold), told([tried(359)]))).toMatch(/^block: /);
  expect(judged(noSentinelRests(untold), told([tried(361)]))).toMatch(/^pass: /);
});

test('every drill that counts on a failover of Redis is refused meanwhile', async () => {
  const clock = manualClock(NOW);
  const { estate } = bench();
  const resting = changed(estate.model(), 'sentinels', SENTINEL, { events: [tried(5)] });
  const one = boot({
    ...{ clock, store: memoryRuns(), actions: estate.actions },
    estate: { ...estate, model: () => resting },
  });
  const host = resting.redisNodes['results/127.0.1.2:6379']?.host ?? null;
  const refused = async (drill: keyof typeof DRILLS, target: string | null) => {
    const { checks } = await settledIn(clock, one.drills.plan(drill, target));
    return checks.find(({ id }) => id === 'no-rest')?.level;
  };
  for (const drill of ['redis-switch', 'redis-failover', 'redis-crash', 'redis-hang'] as const)
    expect([drill, await refused(drill, null)]).toEqual([drill, 'block']);
  expect(await refused('host-crash', host)).toBe('block');
  expect(await refused('host-crash', 'host-1')).toBeUndefined();
});
