/** Consul: its servers, the locks that Trellis watches, and the beats that hold or wait for one. */
import type { Claim } from './claims.ts';

/** The cluster as a whole; there is one, with id `consul`. */
export type Coordinator = {
  id: string;
  /** One claim for each agent: the leader's raft address, "" = no leader. */
  leader: readonly Claim<string>[];
  voters: number | null;
  /** Autopilot's verdict, and how many servers may still fail; null = not told. */
  healthy: boolean | null;
  failureTolerance: number | null;
  healthBy: string | null;
};

/** One health check of a node or of a service on it. */
export type ConsulCheck = {
  /** `<node>/<check id>`. */
  id: string;
  node: string;
  /** null = a check of the node itself. */
  service: string | null;
  name: string;
  /** passing, warning, critical or maintenance. */
  status: string;
  output: string;
  by: string;
};

/** A key below one of the configured prefixes. Its value is not read into the model: it may be a secret. */
export type ConsulKey = {
  /** The whole key. */
  id: string;
  /** The session that holds it; null = none. */
  session: string | null;
  modifyIndex: number;
  bytes: number;
  by: string;
};

export type ConsulServer = {
  /** Consul's node name. */
  id: string;
  host: string | null;
  address: string;
  /** Raft address, `address:8300`. */
  raftAddress: string;
  voter: boolean | null;
  /** The reading taken from this server's own agent, where configured. */
  own: string | null;
  /** One claim for each agent's gossip: alive or not. */
  alive: readonly Claim<boolean>[];
};

/** The times of the sessions behind a lock (ms). `consul lock` sets 15 s and 15 s. */
export type LockTimes = { ttlMs: number | null; lockDelayMs: number | null };

export type LockParty = { session: string; node: string; host: string | null };

export type Lock = {
  /** Its name in the configuration (`beat`). */
  id: string;
  /** The key prefix given to `consul lock`. */
  key: string;
  holder: LockParty | null;
  standbys: readonly LockParty[];
  /** The name that all contenders' sessions share; null until somebody held the lock. */
  sessionName: string | null;
  /** Number of acquisitions so far. */
  lockIndex: number | null;
  /** Of the holder's session, else of a standby's; null = nobody has one, or it does not tell. */
  times: LockTimes | null;
  by: string;
};

export type Beat = {
  /** `<lock>@<host>`, for instance `beat@host-1`; the Consul node where its host is not known. */
  id: string;
  lock: string;
  node: string;
  host: string | null;
  role: 'holder' | 'standby';
  by: string;
  /** Set once its session is gone (epoch ms). */
  goneSince: number | null;
};
