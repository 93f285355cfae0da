/** How findings come, stay, go, and explain each other. */
import { expect, test } from 'vitest';
import type { Acknowledgement, Finding } from '#lib/model/finding.ts';
import { emptyModel, type Model } from '#lib/model/model.ts';
import type { Reading } from '#lib/model/reading.ts';
import type { Subject } from '#lib/model/transition.ts';
import { CLEAR_MS, type JudgeOptions, startJudging } from './judge.ts';
import type { Found, Rule } from './rule.ts';

const START = 1_000_000;
const BY = 'redis/s1/masters';

/** A model whose one observer answered at `at`, and answers every second. */
function heardAt(at: number): Model {
  const reading: Reading = {
    ...{ key: BY, source: 'redis', endpoint: 's1', name: 'masters', intervalMs: 1_000, at },
    ...{ tookMs: 1, via: null, lacks: null, failure: null },
  };
  return { ...emptyModel(), readings: { [BY]: reading } };
}

const redis = (id: string): Subject => ({ kind: 'redisNodes', id });
const about = (subject: Subject, change: Partial<Found> = {}): Found => ({
  ...{ subject, text: `${subject.id} is ill.`, evidence: [{ by: BY, says: 'down' }] },
  ...{ advice: { text: 'Mend it.', command: null }, ...change },
});

/** A rule that finds what `now` is told to be so. */
function ruleOf(code: string, found: () => readonly Found[], change: Partial<Rule> = {}): Rule {
  return { code, severity: 'warning', posture: false, means: '', mend: '', find: found, ...change };
}

type Step = Parameters<ReturnType<typeof startJudging>['judge']>[1];

function judgeOf(rules: readonly Rule[], options: Partial<JudgeOptions> = {}) {
  const judge = startJudging({ rules, onError: () => {}, ...options });
  return (now: Step, heard = now, acknowledged: ReadonlyMap<string, Acknowledgement> = new Map()) =>
    judge.judge(heardAt(heard), now, acknowledged);
}

const only = (findings: Model['findings']): Finding | undefined => Object.values(findings)[0];

test('a finding is told only once it has lasted for the hold time of its rule', () => {
  const at = judgeOf([ruleOf('A', () => [about(redis('a'))], { holdMs: 3_000 })]);
  expect(only(at(START))).toBeUndefined();
  expect(only(at(START + 2_999))).toBeUndefined();
  expect(only(at(START + 3_000))).toMatchObject({ id: 'A:redisNodes/a', since: START, lastSeen: null });
});

test('the hold time begins anew when it was not so in between', () => {
  let found = [about(redis('a'))];
  const at = judgeOf([ruleOf('A', () => found, { holdMs: 3_000 })]);
  at(START);
  found = [];
  at(START + 2_000);
  found = [about(redis('a'))];
  at(START + 2_500);
  expect(only(at(START + 4_000))).toBeUndefined();
});

test('what flaps is one finding that began once; what is over goes', () => {
  let found = [about(redis('a'))];
  const at = judgeOf([ruleOf('A', () => found)]);
  at(START);
  found = [];
  expect(only(at(START + CLEAR_MS - 1))).toBeDefined();
  found = [about(redis('a'))];
  expect(only(at(START + CLEAR_MS + 500))?.since).toBe(START);
  found = [];
  expect(only(at(START + 3 * CLEAR_MS))).toBeUndefined();
});

test('a finding whose observers fell silent stays, and says when it was last seen', () => {
  let found = [about(redis('a'))];
  const at = judgeOf([ruleOf('A', () => found)]);
  at(START);
  found = [];
  expect(only(at(START + 20_000, START))).toMatchObject({ since: START, lastSeen: START });
  expect(only(at(START + 21_000, START + 21_000))).toBeUndefined();
});

test('a finding about silence does not stay because of that silence', () => {
  let found = [about(redis('a'))];
  const at = judgeOf([ruleOf('A', () => found, { aboutSilence: true })]);
  at(START);
  found = [];
  expect(only(at(START + 20_000, START))).toBeUndefined();
});

test('what follows from a dead host stands under the host, also by way of its processes', () => {
  const host: Subject = { kind: 'hosts', id: 'host-1' };
  const node: Subject = { kind: 'brokerNodes', id: 'rabbit-1' };
  const at = judgeOf([
    ruleOf('ProxyOnBackup', () => [about({ kind: 'proxies', id: 'p' }, { because: [node] })]),
    ruleOf('NodeDown', () => [about(node, { because: [host] })]),
    ruleOf('HostDown', () => [about(host)]),
  ]);
  const findings = at(START);
  expect(Object.fromEntries(Object.values(findings).map(({ code, root }) => [code, root]))).toEqual({
    HostDown: null,
    NodeDown: 'HostDown:hosts/host-1',
    ProxyOnBackup: 'HostDown:hosts/host-1',
  });
});

test('without the finding that would explain it, a consequence stands for itself', () => {
  const because = [redis('b')];
  expect(only(judgeOf([ruleOf('A', () => [about(redis('a'), { because })])])(START))?.root).toBeNull();
});

test('two findings that name each other do not both vanish under one another', () => {
  const at = judgeOf([
    ruleOf('A', () => [about(redis('a'), { because: [redis('b')] })]),
    ruleOf('B', () => [about(redis('b'), { because: [redis('a')] })]),
  ]);
  const roots = Object.values(at(START)).map(({ root }) => root);
  expect(roots).toContain(null);
});

test('a setting explains nothing, and nothing explains a setting', () => {
  const at = judgeOf([
    ruleOf('Setting', () => [about(redis('a'), { because: [redis('b')] })], { posture: true }),
    ruleOf('A', () => [about(redis('c'), { because: [redis('a')] })]),
    ruleOf('B', () => [about(redis('b'))]),
  ]);
  expect(Object.values(at(START)).map(({ root }) => root)).toEqual([null, null, null]);
});

test('a rule that fails is reported, keeps what it had found, and does not stop the others', () => {
  let breaks = false;
  const errors: string[] = [];
  const flaky = ruleOf('Flaky', () => {
    if (breaks) throw new Error('no');
    return [about(redis('a'))];
  });
  const at = judgeOf([flaky, ruleOf('B', () => [about(redis('b'))])], { onError: (code) => errors.push(code) });
  at(START);
  breaks = true;
  expect(Object.keys(at(START + 60_000))).toEqual(['B:redisNodes/b', 'Flaky:redisNodes/a'].sort());
  expect(errors).toEqual(['Flaky']);
});

test('what was there before a restart is told at once, since when it was first seen', () => {
  const rule = ruleOf('A', () => [about(redis('a'))], { holdMs: 3_000 });
  const at = judgeOf([rule], { sinceBefore: (id) => (id === 'A:redisNodes/a' ? START - 86_400_000 : undefined) });
  expect(only(at(START))?.since).toBe(START - 86_400_000);
});

test('an acknowledgement stands on its finding until it expires', () => {
  const at = judgeOf([ruleOf('A', () => [about(redis('a'))])]);
  const one = { by: 'ann', reason: 'on it', at: START, until: START + 60_000 };
  const acknowledged = new Map([['A:redisNodes/a', one]]);
  expect(only(at(START, START, acknowledged))?.acknowledged).toEqual(one);
  expect(only(at(START + 60_000, START + 60_000, acknowledged))?.acknowledged).toBeNull();
});

test('what did not change keeps its identity, so that nothing is sent for it', () => {
  const at = judgeOf([ruleOf('A', () => [about(redis('a'))])]);
  const first = at(START);
  expect(at(START + 5_000)).toBe(first);
});

test('a rule may find a graver case of itself, and the gravest stands first', () => {
  const at = judgeOf([
    ruleOf('A', () => [about(redis('a'))]),
    ruleOf('B', () => [about(redis('b'), { severity: 'critical' })]),
  ]);
  expect(Object.values(at(START)).map(({ severity }) => severity)).toEqual(['critical', 'warning']);
});
