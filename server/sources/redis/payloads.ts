/** What Trellis keeps of the answers of Sentinels and Redis data nodes (Redis 5 to 8, Valkey). */
import { z } from 'zod';
import { ProbeError } from '#server/sources/source.ts';

const fields = z.record(z.string(), z.string());

/** One instance as a Sentinel describes it. */
export type SentinelInstance = { address: string; flags: string[]; epoch: number | null };

/** One Sentinel about one service. */
export type SentinelPayload = {
  service: string;
  master:
    | (SentinelInstance & {
        quorum: number | null;
        downAfterMs: number | null;
        failoverTimeoutMs: number | null;
        otherSentinels: number | null;
      })
    | null;
  replicas: SentinelInstance[];
  /** The other Sentinels of this service that it knows. */
  peers: SentinelInstance[];
}[];

/** One message that a Sentinel published, and when Trellis heard it (epoch ms). */
export type SentinelEvent = { at: number; channel: string; text: string };

/** Whether this Sentinel reaches enough others for a failover of each service, and whether it is in TILT mode. */
export type QuorumPayload = {
  checks: { service: string; ok: boolean; text: string }[];
  tilt: boolean | null;
  version: string | null;
};

/** One data node about itself. */
export type InfoPayload = {
  role: 'master' | 'replica';
  version: string | null;
  masterAddress: string | null;
  linkUp: boolean | null;
  offset: number | null;
  connectedReplicas: number | null;
  opsPerSecond: number | null;
  memoryUsedBytes: number | null;
  priority: number | null;
  wantsReplicas: boolean | null;
  appendOnly: boolean | null;
};

/** A flat list of names and values, as Sentinel answers under RESP2, as a record. @throws ProbeError */
export function pairs(reply: unknown): Record<string, string> {
  if (!Array.isArray(reply) || reply.length % 2 !== 0)
    throw new ProbeError('protocol', 'Sentinel: expected names and values');
  const record: Record<string, unknown> = {};
  for (let i = 0; i < reply.length; i += 2) record[String(reply[i])] = reply[i + 1];
  const parsed = fields.safeParse(record);
  if (!parsed.success) throw new ProbeError('protocol', 'Sentinel: expected texts as values');
  return parsed.data;
}

/** A number, or null where the field is missing or not one. */
export function numberOrNull(text: string | undefined): number | null {
  if (text === undefined || text.trim() === '') return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** An instance out of Sentinel's fields. @throws ProbeError when it has no address */
export function instanceOf(record: Record<string, string>): SentinelInstance {
  const { ip, port, flags } = record;
  if (ip === undefined || port === undefined || flags === undefined) {
    throw new ProbeError('protocol', 'Sentinel: an instance without ip, port or flags');
  }
  const address = ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
  return { address, flags: flags.split(','), epoch: numberOrNull(record['config-epoch']) };
}

/** The text of INFO as a record. */
export function infoFields(text: unknown): Record<string, string> {
  if (typeof text !== 'string') throw new ProbeError('protocol', 'INFO: expected a text');
  const record: Record<string, string> = {};
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon > 0 && !line.startsWith('#')) record[line.slice(0, colon)] = line.slice(colon + 1);
  }
  return record;
}

/** A data node's INFO. @throws ProbeError when it does not tell its role */
export function infoPayload(text: unknown): InfoPayload {
  const info = infoFields(text);
  const role = info.role === 'master' ? 'master' : info.role === 'slave' || info.role === 'replica' ? 'replica' : null;
  if (role === null) throw new ProbeError('protocol', 'INFO: no role in the answer');
  const replica = role === 'replica';
  const { master_host: host, master_port: port } = info;
  return {
    role,
    version: info.valkey_version ?? info.redis_version ?? null,
    masterAddress:
      replica && host !== undefined && port !== undefined ? `${host.includes(':') ? `[${host}]` : host}:${port}` : null,
    linkUp: replica && info.master_link_status !== undefined ? info.master_link_status === 'up' : null,
    offset: numberOrNull(replica ? info.slave_repl_offset : info.master_repl_offset),
    connectedReplicas: numberOrNull(info.connected_slaves),
    opsPerSecond: numberOrNull(info.instantaneous_ops_per_sec),
    memoryUsedBytes: numberOrNull(info.used_memory),
    priority: replica ? numberOrNull(info.slave_priority) : null,
    // Told only where `min-replicas-to-write` is set.
    wantsReplicas: info.connected_slaves === undefined ? null : info.min_slaves_good_slaves !== undefined,
    appendOnly: info.aof_enabled === undefined ? null : info.aof_enabled === '1',
  };
}
