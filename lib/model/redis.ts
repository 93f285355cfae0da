/** The result store: Redis services, their data nodes, and the Sentinels that guard them. */
import type { Claim } from './claims.ts';

export const REDIS_ROLES = ['master', 'replica'] as const;
export type RedisRole = (typeof REDIS_ROLES)[number];

/** One Sentinel-guarded service, named as in the configuration (`results`). */
export type RedisService = {
  id: string;
  /** The name that the Sentinels know it by. */
  masterName: string;
  /** One claim for each Sentinel: the address of the master. */
  master: readonly Claim<string>[];
  /** One claim for each Sentinel: the configuration epoch it follows. */
  epoch: readonly Claim<number>[];
  quorum: number | null;
  downAfterMs: number | null;
  failoverTimeoutMs: number | null;
};

export type RedisNode = {
  /** `<service>/<address:port>`. */
  id: string;
  service: string;
  name: string;
  address: string;
  host: string | null;
  /** The reading taken from this node itself, once it has been asked. */
  own: string | null;
  /** What the node says of itself and what each Sentinel says of it. */
  role: readonly Claim<RedisRole>[];
  /** Each Sentinel's opinion: false = subjectively down. */
  up: readonly Claim<boolean>[];
  /** A replica's link to its master; null on a master or where unknown. */
  linkUp: boolean | null;
  masterAddress: string | null;
  offset: number | null;
  connectedReplicas: number | null;
  opsPerSecond: number | null;
  memoryUsedBytes: number | null;
  /** A replica's rank for promotion, the lowest first; 0 = never. null = not told. */
  priority: number | null;
  /** Whether it refuses writes without enough replicas (`min-replicas-to-write`); null = not told. */
  wantsReplicas: boolean | null;
  /** Whether it keeps an append-only file; null = not told. */
  appendOnly: boolean | null;
  version: string | null;
};

/** What one Sentinel says of one service. */
export type SentinelView = {
  service: string;
  masterAddress: string | null;
  epoch: number | null;
  flags: readonly string[];
  replicas: number | null;
  otherSentinels: number | null;
  /** Its own check whether enough Sentinels are in reach for a failover; null = not told. */
  quorum: { ok: boolean; text: string } | null;
};

/** A message that a Sentinel published, as Trellis heard it (epoch ms). */
export type SentinelEvent = { at: number; channel: string; text: string };

export type Sentinel = {
  /** `address:port`. */
  id: string;
  name: string;
  host: string | null;
  own: string;
  /** What every other Sentinel says of it: false = subjectively down. */
  up: readonly Claim<boolean>[];
  views: readonly SentinelView[];
  /** In TILT mode a Sentinel watches and does not act; null = not told. */
  tilt: boolean | null;
  /** Oldest first. */
  events: readonly SentinelEvent[];
};
