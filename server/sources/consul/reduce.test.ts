import { expect, test } from 'vitest';
import { answered, FIXTURE_CONTEXT, fixtureJson } from '#server/sources/fixture.ts';
import {
  goDurationMs,
  type LocksPayload,
  lockKeyPayload,
  membersPayload,
  raftPayload,
  sessionsPayload,
} from './payloads.ts';
import { consulReduce } from './reduce.ts';

const FILES = 'consul/fixtures/1.8';
const AGENTS = [1, 2, 3].map((n) => `http://127.0.1.${n}:8500`);
const reduce = consulReduce({ agents: AGENTS });

const sessions = sessionsPayload.parse(fixtureJson(`${FILES}/sessions.json`));
const [entry] = fixtureJson(`${FILES}/lock.json`) as unknown[];
const key = lockKeyPayload.parse(entry);
const held: LocksPayload = {
  sessions,
  locks: [{ id: 'beat', key: 'celery/beat', session: key?.Session ?? null, lockIndex: key?.LockIndex ?? null }],
};
const members = membersPayload.parse(fixtureJson(`${FILES}/members.json`));
const others = [
  ...AGENTS.map((agent) => answered('consul', new URL(agent).host, 'members', members)),
  ...AGENTS.map((agent) => answered('consul', new URL(agent).host, 'leader', fixtureJson(`${FILES}/leader.json`))),
  answered('consul', 'cluster', 'raft', raftPayload.parse(fixtureJson(`${FILES}/raft.json`))),
];
const whole = [...others, answered('consul', 'cluster', 'locks', held)];

test('Consul 1.8, recorded: three voters alive on their hosts, one leader in everybody’s word', () => {
  const slice = reduce(whole, FIXTURE_CONTEXT);
  const servers = Object.values(slice.consulServers ?? {});
  expect(servers.map((server) => server.host).sort()).toEqual(['host-1', 'host-2', 'host-3']);
  for (const server of servers) {
    expect(server.voter).toBe(true);
    expect(server.alive.map((claim) => claim.value)).toEqual([true, true, true]);
  }
  const leaders = new Set(slice.coordinators?.consul?.leader.map((claim) => claim.value));
  expect(leaders.size).toBe(1);
  expect(servers.map((server) => server.raftAddress)).toContain([...leaders][0]);
});

test('Consul 1.8, recorded: the beat lock has its holder and its standby, on their hosts', () => {
  const lock = reduce(whole, FIXTURE_CONTEXT).locks?.beat;
  expect(lock?.holder?.session).toBe(key?.Session);
  expect(lock?.standbys).toHaveLength(1);
  expect([lock?.holder?.host, lock?.standbys[0]?.host].sort()).toEqual(['host-1', 'host-2']);
});

test('between two holders the standbys are still known by the session name of the last holder', () => {
  const previous = reduce(whole, FIXTURE_CONTEXT);
  const standby = previous.locks?.beat?.standbys[0]?.session;
  const free: LocksPayload = {
    sessions: sessions.filter((session) => session.ID === standby),
    locks: [{ id: 'beat', key: 'celery/beat', session: null, lockIndex: 1 }],
  };
  const slice = reduce([...others, answered('consul', 'cluster', 'locks', free)], { ...FIXTURE_CONTEXT, previous });
  expect(slice.locks?.beat?.holder).toBeNull();
  expect(slice.locks?.beat?.standbys.map((party) => party.session)).toEqual([standby]);
  const lost = Object.values(slice.beats ?? {}).filter((beat) => beat.goneSince !== null);
  expect(lost.map((beat) => beat.host)).toEqual([previous.locks?.beat?.holder?.host]);
});

test('sessions of other locks are not standbys', () => {
  const foreign = { ID: 'x', Name: "Consul lock for 'cron' at 'other/lock'", Node: 'consul-1' };
  const slice = reduce(
    [...others, answered('consul', 'cluster', 'locks', { ...held, sessions: [...sessions, foreign] })],
    FIXTURE_CONTEXT,
  );
  expect(slice.locks?.beat?.standbys.map((party) => party.session)).not.toContain('x');
});

function timesWith(
  change: (session: (typeof sessions)[number], holds: boolean) => object,
  session = key?.Session ?? null,
) {
  const told = sessionsPayload.parse(sessions.map((one) => ({ ...one, ...change(one, one.ID === key?.Session) })));
  const data: LocksPayload = { sessions: told, locks: [{ id: 'beat', key: 'celery/beat', session, lockIndex: 1 }] };
  const previous = reduce(whole, FIXTURE_CONTEXT);
  return reduce([...others, answered('consul', 'cluster', 'locks', data)], { ...FIXTURE_CONTEXT, previous }).locks?.beat
    ?.times;
}

test('Consul 1.8, recorded: the session behind the lock lives 15 s, and its lock stays closed 15 s more', () => {
  expect(reduce(whole, FIXTURE_CONTEXT).locks?.beat?.times).toEqual({ ttlMs: 15_000, lockDelayMs: 15_000 });
});

test('the times are those of the holder’s session, without a holder a standby’s, without either nobody’s', () => {
  const longer = (_session: object, holds: boolean) => (holds ? { TTL: '1m30s' } : { TTL: '20s' });
  expect(timesWith(longer)?.ttlMs).toBe(90_000);
  expect(
    timesWith((_session, holds) => (holds ? { ...longer({}, true), Name: 'gone' } : longer({}, false)), null)?.ttlMs,
  ).toBe(20_000);
  expect(timesWith(() => ({ Name: 'something else' }), null)).toBeNull();
});

test('a session without a TTL is told from one that does not tell', () => {
  expect(timesWith(() => ({ TTL: '' }))).toEqual({ ttlMs: null, lockDelayMs: 15_000 });
  expect(timesWith(() => ({ TTL: undefined, LockDelay: undefined }))).toBeNull();
});

test.each([
  [15e9, 15_000],
  ['15s', 15_000],
  ['1m30s', 90_000],
  ['1.5s', 1_500],
  ['0s', 0],
  ['500ms', 500],
  ['1h0m0s', 3_600_000],
  ['', null],
  ['soon', null],
  ['15', null],
  ['1.2.3s', null],
  [undefined, null],
])('the duration %j is %j ms', (told, ms) => {
  expect(goDurationMs(told)).toBe(ms);
});
