/** Faults of the coordinator: the beat lock changes hands, and Consul's leader dies. */
import { ADDRESSES, HOSTS, type Host, memberId, PORTS } from '#lab/layout.ts';
import { beatHolder, consulLeader } from '#lab/probes/consul.ts';
import { settle } from '#lib/model/claims.ts';
import { type Fault, signalMember } from './fault.ts';
import type { View } from './live-stream.ts';
import { Signal } from './signal.ts';
import { beatSession, destroySession, leaderChanges, lockChanges } from './witness-consul.ts';

const LOCK_TARGET_MS = 300;
const LEADER_TARGET_MS = 1_500;

export const lockChange: Fault = {
  name: 'beat lock change',
  // The lock may be taken 15 s after it was lost (Consul's lock-delay).
  limitMs: 40_000,
  pairs: [
    { metric: 'lock freed → shown', from: 'lock freed', sight: 'freed', targetMs: LOCK_TARGET_MS, against: '§14' },
    { metric: 'lock taken → shown', from: 'lock taken', sight: 'taken', targetMs: LOCK_TARGET_MS, against: '§14' },
    { metric: 'fault → freed shown', from: 'fault', sight: 'freed', targetMs: null, against: '' },
  ],
  page: { from: 'lock freed', targetMs: LOCK_TARGET_MS },
  arm: async () => {
    // Through the leader, whose answers are the first.
    const agent = await consulLeader();
    const session = await beatSession(agent);
    const signals = { 'lock freed': new Signal(), 'lock taken': new Signal() };
    const stop = lockChanges(agent, session, signals['lock freed'], signals['lock taken']);
    const holder = ({ model }: View) => model.locks.beat?.holder?.session;
    return {
      target: `beat@${await beatHolder()}`,
      send: () => destroySession(agent, session),
      signals,
      sights: {
        freed: (view) => holder(view) !== session,
        taken: (view) => holder(view) !== undefined && holder(view) !== session,
      },
      page: { kind: 'timeline', code: 'LockHolder' },
      disarm: async () => stop(),
    };
  },
};

export const consulLeaderKill: Fault = {
  name: 'Consul leader killed',
  limitMs: 30_000,
  pairs: [
    {
      metric: 'first agent without it → a claim shown',
      from: 'leader lost',
      sight: 'claim',
      targetMs: LEADER_TARGET_MS,
      against: '1.5 s after an agent’s own word',
    },
    {
      metric: 'first agent names new → new shown',
      from: 'leader elected',
      sight: 'elected',
      targetMs: LEADER_TARGET_MS,
      against: '1.5 s after an agent’s own word',
    },
    { metric: 'fault → new shown', from: 'fault', sight: 'elected', targetMs: null, against: '' },
  ],
  page: { from: 'leader elected', targetMs: LEADER_TARGET_MS },
  arm: async ({ lab }) => {
    const host = await consulLeader();
    const was = raftAddress(host);
    const signals = { 'leader lost': new Signal(), 'leader elected': new Signal() };
    const send = signalMember(lab, memberId(host, 'consul'), 'SIGKILL');
    const stop = leaderChanges(host, signals['leader lost'], signals['leader elected']);
    const claims = ({ model }: View) => model.coordinators.consul?.leader ?? [];
    const others = HOSTS.filter((other) => other !== host).map(raftAddress);
    return {
      target: `consul@${host}`,
      send,
      signals,
      sights: {
        claim: (view) => claims(view).some(({ value }) => value !== was),
        elected: (view) => others.includes(settle(claims(view), view.model.readings, view.now).value ?? ''),
      },
      page: { kind: 'timeline', code: 'ConsulLeader' },
      disarm: async () => stop(),
    };
  },
};

function raftAddress(host: Host): string {
  return `${ADDRESSES[host]}:${PORTS.consulServer}`;
}
