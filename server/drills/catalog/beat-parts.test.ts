/** What drills on other things do to the schedule: a beat's session lives with the Consul agent that made it. */
import { describe, expect, test } from 'vitest';
import type { Model } from '#lib/model/model.ts';
import { drillsConfig } from '#server/drills/config.ts';
import type { Means } from '#server/drills/drill.ts';
import { forecasts, whole } from '#server/drills/guard-fixture.ts';
import { changed, NOW } from '#server/sources/told-estate.ts';
import { consulLeader } from './consul-leader.ts';
import { hostCrash } from './host-crash.ts';

const means: Means = {
  ...{
    rabbitmq: true,
    entrances: true,
    socketProblem: () => null,
    verbs: () => ['kill', 'start'],
    preview: (verb) => [verb],
  },
};
const sceneOf = (model: Model) => ({ model, now: NOW, settings: drillsConfig.parse({}), means });
/** Consul's leader consul-2 is the agent of the beat that holds the lock. */
const together = forecasts(whole);
/** … and not: the beat of host-1 holds it. */
const { holder, standbys } = whole.locks.beat ?? { holder: null, standbys: [] };
const swapped = changed(whole, 'locks', 'beat', {
  holder: standbys[0] ?? null,
  standbys: holder === null ? [] : [holder],
});
const [first, second] = Object.values(whole.beats);
const apart = forecasts({
  ...swapped,
  beats: Object.fromEntries(
    [first, second].flatMap((one) =>
      one === undefined ? [] : [[one.id, { ...one, role: one.role === 'holder' ? 'standby' : 'holder' }]],
    ),
  ),
});

describe('a Consul leader that is killed', () => {
  test('takes the lock along where the holder’s session is its own: that is promised, waited for, and asks for a standby', () => {
    const aimed = consulLeader.aim('consul-2', sceneOf(together));
    expect(aimed?.hypothesis).toMatchObject({ outageMs: { schedule: 50_000, publish: 0 } });
    expect(aimed?.hypothesis.because).toMatch(/hold on lock beat goes with it/);
    expect(aimed?.steps.at(-1)?.id).toBe('held-beat');
    expect(aimed?.warnings).toContainEqual(expect.stringMatching(/^Lock beat hangs on consul-2/));
    const alone = sceneOf(changed(together, 'locks', 'beat', { standbys: [] }));
    const checks = consulLeader.aim('consul-2', alone)?.guards.map((guard) => guard(alone));
    expect(checks).toContainEqual(expect.objectContaining({ id: 'standby', level: 'block' }));
  });

  test('leaves the schedule alone where it is not', () => {
    const aimed = consulLeader.aim('consul-2', sceneOf(apart));
    expect(aimed?.hypothesis).toMatchObject({ because: null, outageMs: { schedule: 0 } });
    expect(aimed?.steps.map(({ id }) => id)).not.toContain('held-beat');
  });
});

test('a host that is lost takes the schedule along where its beat holds the lock, and only there', () => {
  const scheduleOf = (host: string) => hostCrash.aim(host, sceneOf(together))?.hypothesis.outageMs.schedule;
  expect([scheduleOf('host-2'), scheduleOf('host-1'), scheduleOf('host-3')]).toEqual([50_000, null, null]);
});

test('the lock is held again once somebody has it without a break, not at the first word of it', () => {
  const step = consulLeader.aim('consul-2', sceneOf(together))?.steps.at(-1);
  const facts: Record<string, string> = {};
  const look = (now: number, isHeld: boolean) => {
    const model = isHeld ? together : changed(together, 'locks', 'beat', { holder: null });
    const progress = step?.check?.({
      model,
      now,
      startedAt: 0,
      facts,
      actions: {},
      signal: AbortSignal.any([]),
    } as never);
    Object.assign(facts, (progress as { learned?: object }).learned);
    return progress;
  };
  expect(look(1_000, true)).toMatchObject({ done: false });
  expect(look(2_000, false)).toMatchObject({ done: false, says: 'Nobody holds it.' });
  expect(look(20_000, true)).toMatchObject({ done: false });
  expect(look(25_000, true)).toMatchObject({ done: true, says: 'host-2 holds it.' });
});
