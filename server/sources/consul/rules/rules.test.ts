/** The findings about Consul, its locks and the beats behind them, on the recorded lab: consul-2 leads and holds the lock. */
import { describe, expect, test } from 'vitest';
import type { LockTimes } from '#lib/model/consul.ts';
import { findingId } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import { type FoldState, fold } from '#server/model/fold.ts';
import type { Observation } from '#server/model/observation.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import type { LocksPayload, MembersPayload, RaftPayload } from '#server/sources/consul/payloads.ts';
import { FIXTURE_AT } from '#server/sources/fixture.ts';
import { LAB_REDUCERS, wholeEstate } from '#server/sources/whole-estate.ts';
import { CONSUL_RULES } from './all.ts';

const NOW = FIXTURE_AT + 1_001;
const ALL = [1, 2, 3];
const agent = (n: number, reading: string) => `127.0.1.${n}:8500/${reading}`;

type Change = (state: FoldState) => FoldState;

/** The next answer of a reading, or its failure, a moment after the one before. */
function next(key: string, outcome: (data: unknown) => object, name?: string): Change {
  return (state) => {
    const before = state.latest.get(`consul/${key}`);
    if (before === undefined) throw new Error(`nothing recorded for ${key}`);
    const { source, endpoint, intervalMs, at, failure } = before.reading;
    const head = { source, endpoint, reading: name ?? before.reading.name, intervalMs, tookMs: 1 };
    const observation = { ...head, at: (failure?.at ?? at ?? 0) + 1, ...outcome(before.data) };
    return fold(state, observation as Observation, LAB_REDUCERS);
  };
}

const answers = <D>(key: string, changed: (data: D) => D) =>
  next(key, (data) => ({ ok: true, data: changed(data as D) }));

const fails = (key: string, code: ProbeCode) => next(key, () => ({ ok: false, code, message: `was ${code}` }));
const silent = (n: number, code: ProbeCode = 'timeout') =>
  ['leader', 'members'].map((reading) => fails(agent(n, reading), code));

/** These agents name this leader. */
const leader = (raftAddress: string, of: readonly number[]) =>
  of.map((n) => answers<string>(agent(n, 'leader'), () => raftAddress));

/** The gossip of the others has a server dead. */
const dead = (n: number) =>
  ALL.filter((other) => other !== n).map((other) =>
    answers<MembersPayload>(agent(other, 'members'), (all) =>
      all.map((member) => (member.Name === `consul-${n}` ? { ...member, Status: 4 } : member)),
    ),
  );

const voters = (count: number) =>
  answers<RaftPayload>('cluster/raft', ({ Servers: [first, ...more] }) => ({
    Servers: [first, ...more, first].slice(0, count).flatMap((one) => (one === undefined ? [] : [one])),
  }));

const locks = (changed: (data: LocksPayload) => LocksPayload) => answers<LocksPayload>('cluster/locks', changed);
const only = (node: string) =>
  locks((one) => ({ ...one, sessions: one.sessions.filter((session) => session.Node === node) }));
const free = locks((one) => ({ ...one, locks: one.locks.map((lock) => ({ ...lock, session: null })) }));

const autopilot = (Healthy: boolean, FailureTolerance: number) =>
  next('cluster/raft', () => ({ ok: true, data: { Healthy, FailureTolerance, Servers: [] } }), 'autopilot');

/** The lab, with these changes and with these times of the lock. */
function estate(changes: readonly Change[] = [], times: Partial<LockTimes> = {}): Model {
  const { model } = changes.reduce((state, change) => change(state), wholeEstate());
  const usual = { ttlMs: 15_000, lockDelayMs: 15_000, ...times };
  const timed = Object.values(model.locks).map((lock) => [lock.id, { ...lock, times: usual }] as const);
  return { ...model, locks: Object.fromEntries(timed) };
}

function ruleOf(code: string): Rule {
  const rule = CONSUL_RULES.find((one) => one.code === code);
  if (rule === undefined) throw new Error(`no rule ${code}`);
  return rule;
}

const idOf = (rule: Rule, { severity = rule.severity, subject }: Found) =>
  `${severity} ${findingId(rule.code, subject)}`;
const find = (code: string, model: Model, now = NOW) => {
  const rule = ruleOf(code);
  return rule.find(model, now).map((found) => idOf(rule, found));
};

const LOCK = 'locks/beat';
const COORDINATOR = 'coordinators/consul';

type Case = { when: string; ill: Model; is: string; unless: string; well: Model };

const CASES: Readonly<Record<string, Case>> = {
  LockFree: {
    ...{ when: 'nobody holds the lock', ill: estate([free]), is: LOCK },
    ...{ unless: 'nobody can tell', well: estate([free, fails('cluster/locks', 'timeout')]) },
  },
  ConsulNoLeader: {
    ...{ when: 'no agent knows a leader', ill: estate(leader('', ALL)), is: COORDINATOR },
    ...{ unless: 'one of three knows none', well: estate(leader('', [3])) },
  },
  NoStandbyBeat: {
    ...{ when: 'only the holder has a session', ill: estate([only('consul-2')]), is: LOCK },
    ...{ unless: 'nobody holds the lock either', well: estate([only('nobody'), free]) },
  },
  ConsulServerDown: {
    ...{ when: 'the gossip has it dead', ill: estate([...silent(1), ...dead(1)]), is: 'consulServers/consul-1' },
    ...{ unless: 'only Trellis misses it', well: estate(silent(1)) },
  },
  ConsulUnreachable: {
    ...{ when: 'only Trellis misses it', ill: estate(silent(1)), is: 'consulServers/consul-1' },
    ...{ unless: 'the gossip has it dead too', well: estate([...silent(1), ...dead(1)]) },
  },
  ConsulLeaderDisputed: {
    ...{ when: 'one agent names another leader', ill: estate(leader('127.0.1.3:8300', [3])), is: COORDINATOR },
    ...{ unless: 'all moved on to it', well: estate(leader('127.0.1.3:8300', ALL)) },
  },
  ConsulNoTolerance: {
    ...{ when: 'no server of three may fail', ill: estate([autopilot(true, 0)]), is: COORDINATOR },
    ...{ unless: 'one may', well: estate([autopilot(true, 1)]) },
  },
  FewConsulServers: {
    ...{ when: 'there are two voters', ill: estate([voters(2)]), is: COORDINATOR },
    ...{ unless: 'there are three', well: estate([voters(3)]) },
  },
  LockDelayShort: {
    ...{ when: 'the lock delay is a second', ill: estate([], { lockDelayMs: 1_000 }), is: LOCK },
    ...{ unless: 'it is not told', well: estate([], { lockDelayMs: null }) },
  },
  LockWithoutTtl: {
    ...{ when: 'the session lives for ever', ill: estate([], { ttlMs: 0 }), is: LOCK },
    ...{ unless: 'it lives for 10 seconds', well: estate([], { ttlMs: 10_000 }) },
  },
};

describe.each(Object.entries(CASES))('%s', (code, { when, ill, is, unless, well }) => {
  test(`is found when ${when}`, () => {
    expect(find(code, ill)).toEqual([`${ruleOf(code).severity} ${code}:${is}`]);
  });

  test(`is not found when ${unless}`, () => {
    expect(find(code, well)).toEqual([]);
  });

  test('rests on somebody who speaks for the present, and names names', () => {
    for (const { text, evidence, advice } of ruleOf(code).find(ill, NOW)) {
      const isTold = evidence.some(({ by }) => isCurrent(ill.readings[by], NOW));
      expect(isTold || (evidence.length > 0 && ruleOf(code).aboutSilence === true), text).toBe(true);
      expect(`${text} ${advice.text} ${advice.command}`).not.toMatch(/undefined|NaN|null:|Infinity/);
    }
  });

  test('is not found in answers that are too old', () => {
    expect(find(code, ill, NOW + 60_000)).toEqual([]);
  });
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(CONSUL_RULES.map(({ code }) => code));
});

test('the whole lab has none of them', () => {
  expect(CONSUL_RULES.flatMap((rule) => find(rule.code, estate()))).toEqual([]);
});

test('a lock whose times nobody tells has no posture', () => {
  const { model } = wholeEstate();
  const untold = Object.values(model.locks).map((lock) => [lock.id, { ...lock, times: null }] as const);
  const locked: Model = { ...model, locks: Object.fromEntries(untold) };
  expect([...find('LockDelayShort', locked), ...find('LockWithoutTtl', locked)]).toEqual([]);
});

test('an unhealthy cluster is found though a server may still fail, and an even number of voters too', () => {
  expect(find('ConsulNoTolerance', estate([autopilot(false, 1)]))).toHaveLength(1);
  expect(find('FewConsulServers', estate([voters(4)]))).toHaveLength(1);
});

test('an agent that still names a leader while most know none is no dispute', () => {
  const model = estate(leader('', [1, 3]));
  expect([...find('ConsulLeaderDisputed', model), ...find('ConsulNoLeader', model)]).toEqual([
    `critical ConsulNoLeader:${COORDINATOR}`,
  ]);
});

test('a server that refuses and is dead by the gossip is down, and no more', () => {
  expect(find('ConsulUnreachable', estate([...silent(1, 'refused'), ...dead(1)]))).toEqual([]);
});

test('two servers have no tolerance by design: that is only a hint', () => {
  const model = estate([voters(2), autopilot(true, 0)]);
  expect([...find('ConsulNoTolerance', model), ...find('FewConsulServers', model)]).toEqual([
    `info FewConsulServers:${COORDINATOR}`,
  ]);
});

test('an agent that refuses connections is found though no gossip is heard', () => {
  expect(find('ConsulUnreachable', estate(ALL.flatMap((n) => silent(n, 'refused'))))).toHaveLength(3);
});

test('a free lock says when it can be taken at the earliest, by the beat that went', () => {
  const model = estate([only('consul-1'), free]);
  const gone = model.beats['beat@host-2']?.goneSince ?? Number.NaN;
  const earliest = new Date(gone + 15_000).toISOString().slice(11, 19);
  const [found] = ruleOf('LockFree').find(model, NOW);
  expect(found?.text).toContain(`If beat@host-2 held it, it can be taken at ${earliest} UTC at the earliest`);
  expect(found?.because).toContainEqual({ kind: 'hosts', id: 'host-2' });
});

test('Consul without a leader, and servers that are gone, explain a free lock', () => {
  const model = estate([free, ...silent(1), ...dead(1)]);
  const [found] = ruleOf('LockFree').find(model, NOW);
  expect(found?.because).toContainEqual({ kind: 'coordinators', id: 'consul' });
  expect(found?.because).toContainEqual({ kind: 'consulServers', id: 'consul-1' });
});

test('the lab as it was recorded has nothing graver than a hint', () => {
  const { model } = wholeEstate();
  const severities = CONSUL_RULES.flatMap((rule) => rule.find(model, NOW).map((one) => one.severity ?? rule.severity));
  expect(severities.filter((severity) => severity !== 'info')).toEqual([]);
});
