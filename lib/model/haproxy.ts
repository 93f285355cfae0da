/** HAProxy: every instance, its backends, and the server that really serves. */

/** What a server behind a proxy is in the estate. */
export type ProxyTarget = { kind: 'brokerNodes' | 'redisNodes'; id: string };

/**
 * How a proxy checks a server. Statistics tell the kind and the counts; the interval and what happens to sessions only its
 * configuration file tells, where Trellis may read it. null = not told.
 */
export type ServerCheck = {
  /** none = not checked at all; tcp = an open port is enough; content = an answer is expected. */
  kind: 'none' | 'tcp' | 'content' | null;
  intervalMs: number | null;
  /** Failed checks until it is down, and passed ones until it is up. */
  fall: number | null;
  rise: number | null;
  /** Whether its sessions are ended when it goes down (`on-marked-down shutdown-sessions`). */
  endsSessions: boolean | null;
};

export type ProxyServer = {
  name: string;
  address: string | null;
  backup: boolean;
  /** HAProxy's own word: `UP`, `UP 1/3`, `DOWN`, `MAINT`, `no check`, … */
  status: string;
  /** True when HAProxy would send new connections to it. */
  usable: boolean;
  /** Result of the last health check (`L4OK`, `L7TOUT`, …). */
  checkStatus: string | null;
  checkDetail: string | null;
  check: ServerCheck;
  sessions: number | null;
  /** Connections since the proxy started. */
  totalSessions: number | null;
  secondsSinceChange: number | null;
  target: ProxyTarget | null;
};

export type ProxyBackend = {
  name: string;
  /** `amqp`/`results` where its servers are known broker or Redis nodes. */
  carries: 'broker' | 'results' | 'other';
  servers: readonly ProxyServer[];
  /** Names of the servers that get new connections now: usable actives, else the first usable backup (or all). */
  serving: readonly string[];
};

export type Proxy = {
  id: string;
  host: string | null;
  own: string;
  /** The process behind the proxy, where its runtime socket is configured. */
  process: { version: string; connections: number | null; maxConnections: number | null } | null;
  backends: readonly ProxyBackend[];
};

/** Whether somebody has taken it out by hand; `MAINT (resolution)` is HAProxy's own: the server's name has no address. */
export function isTakenOut({ status }: Pick<ProxyServer, 'status'>): boolean {
  return /^(MAINT(?! \(resolution\))|DRAIN)/.test(status);
}
