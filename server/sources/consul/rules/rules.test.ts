/** The findings about Consul, its locks and the beats behind them, on the recorded lab: consul-2 leads and holds the lock. */
import { describe, expect, test } from 'vitest';
import type { LockTimes } from '#lib/model/consul.ts';
import type { Model } from '#lib/model/model.ts';
import type { ProbeCode } from '#lib/model/reading.ts';
import type { LocksPayload, MembersPayload, RaftPayload } from '#server/sources/consul/payloads.ts';
import {
  ALL,
  answers,
  type Case,
  type Change,
  fails,
  labAfter,
  NOW,
  next,
  ruleBook,
} from '#server/sources/rule-cases.ts';
import { CONSUL_RULES } from './all.ts';

const { ruleOf, find, findAll, promisesOf } = ruleBook(CONSUL_RULES);
const agent = (n: number, reading: string) => `consul/127.0.1.${n}:8500/${reading}`;

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
  answers<RaftPayload>('consul/cluster/raft', ({ Servers: [first, ...more] }) => ({
    Servers: [first, ...more, first].slice(0, count).flatMap((one) => (one === undefined ? [] : [one])),
  }));

const locks = (changed: (data: LocksPayload) => LocksPayload) => answers<LocksPayload>('consul/cluster/locks', changed);
const only = (node: string) =>
  locks((one) => ({ ...one, sessions: one.sessions.filter((session) => session.Node === node) }));
const free = locks((one) => ({ ...one, locks: one.locks.map((lock) => ({ ...lock, session: null })) }));

const autopilot = (Healthy: boolean, FailureTolerance: number) =>
  next('consul/cluster/raft', () => ({ ok: true, data: { Healthy, FailureTolerance, Servers: [] } }), 'autopilot');

/** The lab, with these changes and with these times of the lock. */
function estate(changes: readonly Change[] = [], times: Partial<LockTimes> = {}): Model {
  const model = labAfter(changes);
  const usual = { ttlMs: 15_000, lockDelayMs: 15_000, ...times };
  const timed = Object.values(model.locks).map((lock) => [lock.id, { ...lock, times: usual }] as const);
  return { ...model, locks: Object.fromEntries(timed) };
}

const LOCK = 'locks/beat';
const COORDINATOR = 'coordinators/consul';

const CASES: Readonly<Record<string, Case>> = {
  LockFree: {
    ...{ when: 'nobody holds the lock', ill: estate([free]), is: LOCK },
    ...{ unless: 'nobody can tell', well: estate([free, fails('consul/cluster/locks', 'timeout')]) },
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

describe.each(Object.entries(CASES))('%s', (code, one) => {
  test.each(promisesOf(code, one))('%s', (_, got, wanted) => expect(got()).toEqual(wanted));
});

test('every rule has its case', () => {
  expect(Object.keys(CASES)).toEqual(CONSUL_RULES.map(({ code }) => code));
});

test('the whole lab has none of them', () => {
  expect(findAll(estate())).toEqual([]);
});

test('a lock whose times nobody tells has no posture', () => {
  const model = labAfter();
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

test('a dead server that autopilot took out of raft still leaves the cluster without tolerance', () => {
  const takenOut = answers<RaftPayload>('consul/cluster/raft', ({ Servers }) => ({
    Servers: Servers.filter(({ Node }) => Node !== 'consul-1'),
  }));
  const model = estate([...silent(1), ...dead(1), takenOut, autopilot(true, 0)]);
  expect([...find('ConsulNoTolerance', model), ...find('FewConsulServers', model)]).toEqual([
    `warning ConsulNoTolerance:${COORDINATOR}`,
  ]);
});

test('a session that waits beside the holder is no standby', () => {
  const beside = locks((one) => ({
    ...one,
    sessions: one.sessions.map((session) => ({ ...session, Node: 'consul-2' })),
  }));
  expect(find('NoStandbyBeat', estate([beside]))).toHaveLength(1);
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
  expect(findAll(labAfter()).filter((found) => !found.startsWith('info '))).toEqual([]);
});
