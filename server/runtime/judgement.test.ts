/** Judgement: what a drill caused carries the drill for as long as it is found. */
import { expect, test } from 'vitest';
import { emptyModel } from '#lib/model/model.ts';
import type { Rule } from '#server/model/rule.ts';
import { startJudgement } from './judgement.ts';

const SUBJECT = { kind: 'hosts', id: 'host-1' } as const;
const rule = (isFound: () => boolean): Rule => ({
  ...{ code: 'HostDown', severity: 'warning', posture: false, means: '', mend: '' },
  find: () =>
    isFound() ? [{ subject: SUBJECT, text: 'Down.', evidence: [], advice: { text: '', command: null } }] : [],
});

test('a finding keeps the drill that caused it when the run is over, and loses it with itself', () => {
  let run: string | null = 'run-1';
  let isFound = true;
  const judge = startJudgement({
    rules: [rule(() => isFound)],
    ...{ acknowledged: new Map(), onFindings() {}, onError() {} },
    // The finding is already in the model that is asked about.
    causeOf: (model) => (finding) => (model.findings[finding.id] === finding ? run : 'unseen'),
  });
  const drillAt = (now: number) => Object.values(judge(emptyModel(), now, true).findings).map(({ drill }) => drill);
  expect(drillAt(0)).toEqual(['run-1']);
  run = null;
  expect(drillAt(1_000)).toEqual(['run-1']);
  isFound = false;
  expect(drillAt(9_000)).toEqual([]);
  isFound = true;
  expect(drillAt(10_000)).toEqual([undefined]);
});

test('a finding that did not change keeps its identity with its mark', () => {
  const judge = startJudgement({
    ...{ rules: [rule(() => true)], acknowledged: new Map(), onFindings() {}, onError() {} },
    causeOf: () => () => 'run-1',
  });
  const first = judge(emptyModel(), 0, true).findings;
  expect(judge(emptyModel(), 1_000, true).findings).toBe(first);
});
