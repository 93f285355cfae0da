/** Reads every Consul agent: its word on the leader and the members; and, of one agent at a time, raft and the locks. */

import { parsePayload } from '#server/sources/parse.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import { createRotation } from '#server/sources/rotation.ts';
import type { Endpoint, Probe } from '#server/sources/source.ts';
import { followChanges } from './change-watch.ts';
import { type ConsulClient, consulClient } from './client.ts';
import type { ConsulConfig } from './config.ts';
import {
  autopilotPayload,
  checksPayload,
  type KeysPayload,
  keysPayload,
  type LocksPayload,
  leaderPayload,
  lockKeyPayload,
  membersPayload,
  raftPayload,
  selfPayload,
  sessionsPayload,
} from './payloads.ts';

const TIMEOUT_MS = 2_000;
const MEMBER_TIMEOUT_MS = 1_500;
const CLUSTER_TIMEOUT_MS = 6_000;

type Agent = { name: string; client: ConsulClient };

/** An agent's endpoint id: its address and port. */
export function agentId(agent: string): string {
  return new URL(agent).host;
}

/** One endpoint for each agent, and `cluster` for what any of them can tell. */
export function consulEndpoints(config: ConsulConfig, requests: RequestLog): Endpoint[] {
  const agents = config.agents.map((agent) => ({
    name: agentId(agent),
    client: consulClient(agent, config.token as string | undefined, requests),
  }));
  const rotation = createRotation(agents, MEMBER_TIMEOUT_MS);
  const any = <T>(probe: Paced, read: (client: ConsulClient, signal: AbortSignal) => Promise<T>): Probe => ({
    ...probe,
    timeoutMs: CLUSTER_TIMEOUT_MS,
    ask: (signal) => rotation.askAny(signal, ({ client }, one) => read(client, one)),
  });
  const cluster: Endpoint = {
    id: 'cluster',
    probes: [
      any({ name: 'raft', intervalMs: 5_000 }, async (client, signal) =>
        parsePayload(raftPayload, await client.raftConfiguration(signal), 'raft configuration'),
      ),
      // Blocking queries tell at once; asking is the net below them.
      any(
        { name: 'locks', intervalMs: 3_000, cost: 1 + Object.keys(config.locks).length, bursts: true },
        (client, signal) => readLocks(client, config.locks, signal),
      ),
      any({ name: 'autopilot', intervalMs: 5_000 }, async (client, signal) =>
        parsePayload(autopilotPayload, await client.autopilotHealth(signal), 'autopilot health'),
      ),
      any({ name: 'checks', intervalMs: 5_000 }, async (client, signal) =>
        parsePayload(checksPayload, await client.checks(signal), 'health checks'),
      ),
      ...(config.keys.length === 0
        ? []
        : [
            any({ name: 'keys', intervalMs: 10_000, cost: config.keys.length }, (client, signal) =>
              readKeys(client, config.keys, signal),
            ),
          ]),
    ],
    subscribe(report, signal) {
      const clients = agents.map((agent) => agent.client);
      const keys = Object.values(config.locks).map((key) => `/kv/${lockKey(key)}`);
      for (const path of [...keys, '/session/list']) void followChanges(path, clients, report, rotation.prefer, signal);
    },
    close() {},
  };
  return [...agents.map(agentEndpoint), cluster];
}

type Paced = Pick<Probe, 'name' | 'intervalMs' | 'cost' | 'bursts'>;

function agentEndpoint({ name, client }: Agent): Endpoint {
  const own = <T>(probe: Paced, read: (signal: AbortSignal) => Promise<T>): Probe => ({
    ...probe,
    timeoutMs: TIMEOUT_MS,
    ask: async (signal) => ({ data: await read(signal) }),
  });
  return {
    id: name,
    probes: [
      own({ name: 'leader', intervalMs: 1_500, bursts: true }, async (signal) =>
        parsePayload(leaderPayload, await client.leader(signal), 'leader'),
      ),
      own({ name: 'members', intervalMs: 4_000, bursts: true }, async (signal) =>
        parsePayload(membersPayload, await client.members(signal), 'members'),
      ),
      own(
        { name: 'version', intervalMs: 60_000 },
        async (signal) => parsePayload(selfPayload, await client.version(signal), 'agent').Config.Version,
      ),
    ],
    close() {},
  };
}

async function readKeys(client: ConsulClient, prefixes: readonly string[], signal: AbortSignal): Promise<KeysPayload> {
  const lists = await Promise.all(prefixes.map((prefix) => client.keysBelow(prefix, signal)));
  return lists.flatMap((list, i) => parsePayload(keysPayload, list, `keys below ${prefixes[i]}`));
}

/** The key that `consul lock` uses below the prefix it was given. */
function lockKey(prefix: string): string {
  return `${prefix.replace(/\/$/, '')}/.lock`;
}

async function readLocks(
  client: ConsulClient,
  locks: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<LocksPayload> {
  const sessions = parsePayload(sessionsPayload, await client.sessions(signal), 'sessions');
  const read = Object.entries(locks).map(async ([id, key]) => {
    const entry = parsePayload(lockKeyPayload, await client.key(lockKey(key), signal), `lock ${key}`);
    return { id, key, session: entry?.Session ?? null, lockIndex: entry?.LockIndex ?? null };
  });
  return { sessions, locks: await Promise.all(read) };
}
