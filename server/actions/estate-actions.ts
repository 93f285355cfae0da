/** The verbs with which drills change the estate; each is one file beside this one. Nothing else of Trellis may. */

/** A broker node, by a node that answers: it calls one running that is stuck in its stopping. */
export type BrokerNodeNow = {
  name: string;
  running: boolean;
  /** The nodes that it takes itself to be cut off from. */
  partitions: readonly string[];
  /** Whether it answers for itself; null = not every node has an address of its own here. */
  answers: boolean | null;
};

/** Every verb throws an Error whose message names the address, the command and the answer; honours the signal. */
export type EstateActions = {
  redis: {
    /** Holds back writes for at most `ms` (CLIENT PAUSE … WRITE). */
    pauseWrites(address: string, ms: number, signal: AbortSignal): Promise<void>;
    unpause(address: string, signal: AbortSignal): Promise<void>;
    /** `null` = becomes a master. */
    replicaOf(address: string, master: string | null, signal: AbortSignal): Promise<void>;
    /** ROLE and offsets, read just now over the acting connection. */
    role(
      address: string,
      signal: AbortSignal,
    ): Promise<{ role: 'master' | 'replica'; offset: number; replicas: Readonly<Record<string, number>> }>;
    /** SENTINEL FAILOVER at one Sentinel. */
    failover(sentinel: string, service: string, signal: AbortSignal): Promise<void>;
  };
  haproxy: {
    /** `server` as `backend/server`. */
    setState(proxy: string, server: string, state: 'ready' | 'drain' | 'maint', signal: AbortSignal): Promise<void>;
    setHealth(proxy: string, server: string, health: 'up' | 'down', signal: AbortSignal): Promise<void>;
    shutdownSessions(proxy: string, server: string, signal: AbortSignal): Promise<void>;
    /** As `setHealth` up for `by`, `setState` maint for `server` and `shutdownSessions` for it, in one line. */
    replaceServer(proxy: string, server: string, by: readonly string[], signal: AbortSignal): Promise<void>;
    /** What its socket is allowed; null = this HAProxy does not tell. */
    level(proxy: string, signal: AbortSignal): Promise<string | null>;
    /** Admin and operational state of every server, read just now. */
    servers(
      proxy: string,
      signal: AbortSignal,
    ): Promise<readonly { server: string; admin: string; status: string; sessions: number }[]>;
  };
  rabbitmq: {
    putPolicy(
      vhost: string,
      name: string,
      policy: { pattern: string; definition: Readonly<Record<string, unknown>>; priority: number; applyTo: string },
      signal: AbortSignal,
    ): Promise<void>;
    deletePolicy(vhost: string, name: string, signal: AbortSignal): Promise<void>;
    /** Names of policies that begin with this. */
    policies(vhost: string, prefix: string, signal: AbortSignal): Promise<readonly string[]>;
    syncQueue(vhost: string, queue: string, action: 'sync' | 'cancel_sync', signal: AbortSignal): Promise<void>;
    queue(
      vhost: string,
      queue: string,
      signal: AbortSignal,
    ): Promise<{
      leader: string | null;
      inSync: readonly string[];
      messages: number;
      definition: Readonly<Record<string, unknown>>;
    }>;
    /** Every node as the first one that answers sees it now. */
    nodes(signal: AbortSignal): Promise<readonly BrokerNodeNow[]>;
    /** Closes connections that match; returns how many. */
    closeConnections(filter: { node?: string; user?: string }, reason: string, signal: AbortSignal): Promise<number>;
  };
  consul: {
    destroySession(session: string, signal: AbortSignal): Promise<void>;
    transferLeader(to: string | null, signal: AbortSignal): Promise<void>;
    lockHolder(key: string, signal: AbortSignal): Promise<{ session: string | null; node: string | null }>;
  };
  /** What no network call can do: a command of the configuration. */
  executor: {
    /** Verbs that are configured for this target, for instance `kill`, `start`, `pause`, `resume`. */
    verbs(target: { kind: string; id: string; host: string | null }): readonly string[];
    /** The argument vector as it would run. */
    preview(verb: string, target: { kind: string; id: string; host: string | null }): readonly string[];
    run(
      verb: string,
      target: { kind: string; id: string; host: string | null },
      signal: AbortSignal,
    ): Promise<{ code: number; output: string }>;
  };
};
