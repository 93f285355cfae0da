/** Reads every Consul agent: its word on the leader and the members; and, of one agent at a time, raft and the locks. */

import { parsePayload } from '#server/sources/parse.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import { createRotation } from '#server/sources/rotation.ts';
import type { Endpoint } from '#server/sources/source.ts';
import { followChanges } from './change-watch.ts';
import { type ConsulClient, consulClient } from './client.ts';
import type { ConsulConfig } from './config.ts';
import {
  autopilotPayload,
  checksPayload,
  type LocksPayload,
  leaderPayload,
  lockKeyPayload,
  membersPayload,
  raftPayload,
  selfPayload,
  sessionsPayload,
} from './payloads.ts';

const LIVE_INTERVAL_MS = 1_000;
const MEMBERS_INTERVAL_MS = 2_000;
const RAFT_INTERVAL_MS = 5_000;
const VERSION_INTERVAL_MS = 60_000;
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
  const cluster: Endpoint = {
    id: 'cluster',
    probes: [
      {
        name: 'raft',
        intervalMs: RAFT_INTERVAL_MS,
        timeoutMs: CLUSTER_TIMEOUT_MS,
        ask: (signal) =>
          rotation.askAny(signal, async ({ client }, one) =>
            parsePayload(raftPayload, await client.raftConfiguration(one), 'raft configuration'),
          ),
      },
      {
        name: 'locks',
        intervalMs: LIVE_INTERVAL_MS,
        timeoutMs: CLUSTER_TIMEOUT_MS,
        cost: 1 + Object.keys(config.locks).length,
        bursts: true,
        ask: (signal) => rotation.askAny(signal, ({ client }, one) => readLocks(client, config.locks, one)),
      },
      {
        name: 'autopilot',
        intervalMs: RAFT_INTERVAL_MS,
        timeoutMs: CLUSTER_TIMEOUT_MS,
        ask: (signal) =>
          rotation.askAny(signal, async ({ client }, one) =>
            parsePayload(autopilotPayload, await client.autopilotHealth(one), 'autopilot health'),
          ),
      },
      {
        name: 'checks',
        intervalMs: RAFT_INTERVAL_MS,
        timeoutMs: CLUSTER_TIMEOUT_MS,
        ask: (signal) =>
          rotation.askAny(signal, async ({ client }, one) =>
            parsePayload(checksPayload, await client.checks(one), 'health checks'),
          ),
      },
    ],
    subscribe(report, signal) {
      const clients = agents.map((agent) => agent.client);
      const keys = Object.values(config.locks).map((key) => `/kv/${lockKey(key)}`);
      for (const path of [...keys, '/session/list']) void followChanges(path, clients, report, signal);
    },
    close() {},
  };
  return [...agents.map(agentEndpoint), cluster];
}

function agentEndpoint({ name, client }: Agent): Endpoint {
  return {
    id: name,
    probes: [
      {
        name: 'leader',
        intervalMs: LIVE_INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        bursts: true,
        ask: async (signal) => ({ data: parsePayload(leaderPayload, await client.leader(signal), 'leader') }),
      },
      {
        name: 'members',
        intervalMs: MEMBERS_INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        bursts: true,
        ask: async (signal) => ({ data: parsePayload(membersPayload, await client.members(signal), 'members') }),
      },
      {
        name: 'version',
        intervalMs: VERSION_INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        ask: async (signal) => ({
          data: parsePayload(selfPayload, await client.version(signal), 'agent').Config.Version,
        }),
      },
    ],
    close() {},
  };
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
