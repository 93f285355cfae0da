/** Marks: every observer's word stands for itself, and what a run caused is told apart from what happened meanwhile. */
import { expect, test } from 'vitest';
import type { Finding } from '#lib/model/finding.ts';
import type { Model } from '#lib/model/model.ts';
import { manualClock } from '#server/runtime/manual-clock.ts';
import { brokerDown, changed, NOW, RABBIT_1, RABBIT_2 } from '#server/sources/told-estate.ts';
import { type Bench, boot, played } from './drill-bench.ts';
import { found, TARGET, whole } from './guard-fixture.ts';
import { causedBy, markKey, sentinelMarks } from './marks.ts';
import { memoryRuns } from './memory-runs.ts';
import { simulatedEstate } from './simulated-estate.ts';

const FAULT = NOW - 5_000;
const RUN = { faultAt: FAULT, disturbs: [TARGET] };

function finding(change: Partial<Finding>): Finding {
  return { ...(Object.values(found({}).findings)[0] as Finding), since: FAULT, ...change };
}

test('each Sentinel’s word is a mark of its own, at the time at which it said it', () => {
  const says = (at: number, channel: string) => ({ at, channel, text: 'master results 127.0.1.2 6379' });
  const model = changed(
    changed(whole, 'sentinels', '127.0.1.1:26379', { events: [says(20, '+sdown'), says(90, '+odown')] }),
    'sentinels',
    '127.0.1.3:26379',
    { events: [says(60, '+sdown'), says(61, '+script-child')] },
  );
  const marks = sentinelMarks(model, new Set()).map(({ at, by, text }) => `${at} ${by}: ${text}`);
  expect(marks).toEqual([
    '20 sentinel@host-1: +sdown master results 127.0.1.2 6379',
    '60 sentinel@host-3: +sdown master results 127.0.1.2 6379',
    '90 sentinel@host-1: +odown master results 127.0.1.2 6379',
  ]);
});

test('what a Sentinel publishes in one millisecond, and what comes in two looks, is all marked, and once', () => {
  const says = (channel: string) => ({ at: 20, channel, text: 'master results 127.0.1.2 6379' });
  const told = (...channels: string[]) =>
    changed(whole, 'sentinels', '127.0.1.1:26379', { events: channels.map(says) });
  const first = sentinelMarks(told('+new-epoch'), new Set());
  const then = sentinelMarks(told('+new-epoch', '+switch-master', '+slave'), new Set(first.map(markKey)));
  expect(then.map(({ text }) => text.split(' ')[0])).toEqual(['+switch-master', '+slave']);
});

test('what began with the fault is put down to the run, what began before it is not', () => {
  const isCaused = causedBy(RUN, whole, NOW);
  expect(isCaused(finding({}))).toBe(true);
  expect(isCaused(finding({ since: FAULT - 1 }))).toBe(false);
  expect(causedBy({ ...RUN, faultAt: null }, whole, NOW)(finding({}))).toBe(false);
});

test('a process that is down and that the run does not touch is not put down to it, nor is what goes back to that', () => {
  const model = brokerDown(brokerDown(whole, RABBIT_1), RABBIT_2);
  const mine = finding({ id: 'mine', subject: { kind: 'brokerNodes', id: RABBIT_1 } });
  const other = finding({ id: 'other', subject: { kind: 'brokerNodes', id: RABBIT_2 } });
  const findings = { mine, other };
  const isCaused = causedBy(RUN, { ...model, findings }, NOW);
  const of = (root: string) => finding({ subject: { kind: 'queues', id: '/:celery' }, root });
  expect([mine, of('mine'), of('gone')].map(isCaused)).toEqual([true, true, true]);
  expect([other, of('other')].map(isCaused)).toEqual([false, false]);
});

test('a run tells what it caused from what happened meanwhile: while it goes on, in its report, and in its marks', async () => {
  const clock = manualClock(NOW);
  const estate = simulatedEstate(clock);
  const model = (): Model => {
    const faultAt = one.drills.active?.faultAt ?? null;
    if (faultAt === null) return estate.model();
    const caused = finding({ ...{ id: 'caused', code: 'RedisSplitBrain', severity: 'warning' }, since: faultAt });
    const early = finding({ ...{ id: 'early', code: 'BeatLate', severity: 'warning' }, since: NOW - 60_000 });
    return { ...estate.model(), findings: { caused, early } };
  };
  let live: (string | null)[] = [];
  const one: Bench = boot({
    ...{ clock, estate: { ...estate, model }, store: memoryRuns(), actions: estate.actions },
    onRun({ faultAt, state }) {
      if (faultAt !== null && state === 'running')
        live = Object.values(model().findings).map(one.drills.causeOf(model(), clock.now()));
    },
  });
  const run = await played(one, 'redis-switch');
  const { findings, sentences } = await one.drills.run(run.id);
  expect(findings.during.map(({ id, caused }) => [id, caused])).toEqual([
    ['caused', true],
    ['early', false],
  ]);
  expect(live).toEqual(['run-1', null]);
  expect(one.drills.causeOf(model(), clock.now())(finding({ since: clock.now() }))).toBeNull();
  expect(sentences).toContain('Found meanwhile, caused by the drill: RedisSplitBrain.');
  expect(sentences).toContain('Found meanwhile: BeatLate.');
  expect(run.marks).toContainEqual({
    ...{ at: run.faultAt, by: 'Trellis', text: 'RedisSplitBrain: Nobody works. (caused by this drill)' },
  });
});
