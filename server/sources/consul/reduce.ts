/** From Consul's answers to the coordinator, its servers, the locks and the beats behind them. Pure. */
import type { Claim } from '#lib/model/claims.ts';
import type {
  Beat,
  ConsulCheck,
  ConsulKey,
  ConsulServer,
  Coordinator,
  Lock,
  LockParty,
  LockTimes,
} from '#lib/model/consul.ts';
import { readingKey } from '#lib/model/reading.ts';
import { bareAddress, hostOf } from '#server/model/correlate.ts';
import { answersTo, type Latest, type Reduce, type ReduceContext, type Slice } from '#server/model/fold.ts';
import { endpointEntities } from '#server/sources/endpoints.ts';
import type { ConsulConfig } from './config.ts';
import {
  type AutopilotPayload,
  type ChecksPayload,
  goDurationMs,
  type KeysPayload,
  type LocksPayload,
  MEMBER_ALIVE,
  type MembersPayload,
  type RaftPayload,
} from './payloads.ts';

/** The reducer for the configured agents. */
export function consulReduce(config: Pick<ConsulConfig, 'agents'>): Reduce {
  const agents = config.agents.map((agent) => new URL(agent).host);
  return (latest, context) => {
    const servers = serversOf(latest, agents, context);
    const versions = new Map(answersTo<string>(latest, 'version').map((one) => [one.endpoint, one.data]));
    return {
      endpoints: endpointEntities(latest, (endpoint) => ({ version: versions.get(endpoint) })),
      consulChecks: checksOf(latest),
      consulKeys: keysOf(latest),
      coordinators: { consul: coordinatorOf(latest) },
      consulServers: servers,
      ...locksOf(latest, nodeHosts(latest, context), context),
    };
  };
}

function coordinatorOf(latest: readonly Latest[]): Coordinator {
  const raft = answersTo<RaftPayload>(latest, 'raft')[0]?.data;
  const [autopilot] = answersTo<AutopilotPayload>(latest, 'autopilot');
  return {
    id: 'consul',
    leader: answersTo<string>(latest, 'leader').map(({ by, data }) => ({ by, value: data })),
    voters: raft?.Servers.filter((server) => server.Voter).length ?? null,
    healthy: autopilot?.data.Healthy ?? null,
    failureTolerance: autopilot?.data.FailureTolerance ?? null,
    healthBy: autopilot?.by ?? null,
  };
}

function checksOf(latest: readonly Latest[]): Record<string, ConsulCheck> {
  const [reading] = answersTo<ChecksPayload>(latest, 'checks');
  const entities = (reading?.data ?? []).map((check): [string, ConsulCheck] => {
    const id = `${check.Node}/${check.CheckID}`;
    const service = check.ServiceName === '' ? null : check.ServiceName;
    const { Node: node, Name: name, Status: status, Output: output } = check;
    return [id, { id, node, service, name, status, output, by: reading?.by ?? '' }];
  });
  return Object.fromEntries(entities);
}

function keysOf(latest: readonly Latest[]): Record<string, ConsulKey> {
  const [reading] = answersTo<KeysPayload>(latest, 'keys');
  const by = reading?.by ?? '';
  return Object.fromEntries((reading?.data ?? []).map(({ key: id, ...entry }) => [id, { id, ...entry, by }]));
}

/** Servers as gossip knows them; the raft configuration adds who votes. */
function serversOf(
  latest: readonly Latest[],
  agents: readonly string[],
  context: ReduceContext,
): Record<string, ConsulServer> {
  const raft = answersTo<RaftPayload>(latest, 'raft')[0]?.data.Servers ?? [];
  // A map: names are the members' own, and a record already has some (`constructor`).
  const servers = new Map<string, ConsulServer>();
  const voters = new Map(raft.map((server) => [server.Node, server]));
  for (const { by, data } of answersTo<MembersPayload>(latest, 'members')) {
    for (const member of data.filter((one) => one.Tags.role === 'consul')) {
      const claim: Claim<boolean> = { by, value: member.Status === MEMBER_ALIVE };
      const known = servers.get(member.Name);
      if (known !== undefined) {
        servers.set(member.Name, { ...known, alive: [...known.alive, claim] });
        continue;
      }
      const voter = voters.get(member.Name);
      const agent = agents.find((address) => bareAddress(address) === member.Addr);
      servers.set(member.Name, {
        id: member.Name,
        host: hostOf(member.Addr, context.hosts),
        address: member.Addr,
        raftAddress: voter?.Address ?? `${member.Addr}:${member.Tags.port ?? '8300'}`,
        voter: voter?.Voter ?? null,
        own: agent === undefined ? null : readingKey('consul', agent, 'leader'),
        alive: [claim],
      });
    }
  }
  return Object.fromEntries([...servers].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function nodeHosts(latest: readonly Latest[], context: ReduceContext): ReadonlyMap<string, string | null> {
  const members = answersTo<MembersPayload>(latest, 'members').flatMap((one) => one.data);
  return new Map(members.map((member) => [member.Name, hostOf(member.Addr, context.hosts)]));
}

function locksOf(latest: readonly Latest[], hosts: ReadonlyMap<string, string | null>, context: ReduceContext): Slice {
  const [reading] = answersTo<LocksPayload>(latest, 'locks');
  if (reading === undefined) return {};
  const names = namesUnderLock(context.previous);
  const locks: Record<string, Lock> = {};
  for (const lock of reading.data.locks) {
    const sessions = reading.data.sessions;
    const holder = sessions.find((session) => session.ID === lock.session);
    // `consul lock` names every contender's session alike; its default name tells the prefix.
    const name = holder?.Name ?? names.get(lock.id);
    const waits = (session: { ID: string; Name: string }) =>
      session.ID !== lock.session && (session.Name === name || session.Name.endsWith(`at '${lock.key}'`));
    const party = (session: { ID: string; Node: string }): LockParty => ({
      session: session.ID,
      node: session.Node,
      host: hosts.get(session.Node) ?? null,
    });
    locks[lock.id] = {
      id: lock.id,
      key: lock.key,
      holder: holder === undefined ? null : party(holder),
      standbys: sessions
        .filter(waits)
        .map(party)
        .sort((a, b) => a.node.localeCompare(b.node)),
      sessionName: name ?? null,
      lockIndex: lock.lockIndex,
      times: timesOf(holder ?? sessions.find(waits)),
      by: reading.by,
    };
  }
  return { locks, beats: beatsOf(locks, context) };
}

function timesOf(session: LocksPayload['sessions'][number] | undefined): LockTimes | null {
  if (session?.TTL === undefined && session?.LockDelay === undefined) return null;
  return { ttlMs: goDurationMs(session.TTL), lockDelayMs: goDurationMs(session.LockDelay) };
}

/** The session name of each lock as it was when somebody held it: between two holders it still finds the standbys. */
function namesUnderLock(previous: Slice): ReadonlyMap<string, string> {
  const locks = Object.values(previous.locks ?? {});
  return new Map(locks.flatMap((lock) => (lock.sessionName === null ? [] : [[lock.id, lock.sessionName] as const])));
}

function beatsOf(locks: Readonly<Record<string, Lock>>, context: ReduceContext): Record<string, Beat> {
  const beats = new Map<string, Beat>();
  for (const lock of Object.values(locks)) {
    const parties = [
      ...lock.standbys.map((party) => ({ ...party, role: 'standby' as const })),
      ...(lock.holder === null ? [] : [{ ...lock.holder, role: 'holder' as const }]),
    ];
    for (const { node, host, role } of parties) {
      const id = `${lock.id}@${host ?? node}`;
      beats.set(id, { id, lock: lock.id, node, host, role, by: lock.by, goneSince: null });
    }
  }
  for (const [id, old] of Object.entries(context.previous.beats ?? {})) {
    if (!beats.has(id)) beats.set(id, { ...old, role: 'standby', goneSince: old.goneSince ?? context.at });
  }
  return Object.fromEntries(beats);
}
