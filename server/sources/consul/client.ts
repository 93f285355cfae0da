/** A small Consul client over `fetch`: every answer is bounded, and every failure has a code. */
import { getJson, refusal } from '#server/sources/http-json.ts';
import type { RequestLog } from '#server/sources/request-log.ts';
import { ProbeError } from '#server/sources/source.ts';

export type ConsulClient = {
  leader(signal: AbortSignal): Promise<unknown>;
  members(signal: AbortSignal): Promise<unknown>;
  sessions(signal: AbortSignal): Promise<unknown>;
  /** The key's entry, or null when there is none. */
  key(key: string, signal: AbortSignal): Promise<unknown>;
  /** Every entry below a prefix. */
  keysBelow(prefix: string, signal: AbortSignal): Promise<unknown>;
  raftConfiguration(signal: AbortSignal): Promise<unknown>;
  /** Autopilot's verdict; an unhealthy cluster answers too. */
  autopilotHealth(signal: AbortSignal): Promise<unknown>;
  /** Every check of every service and node. */
  checks(signal: AbortSignal): Promise<unknown>;
  version(signal: AbortSignal): Promise<unknown>;
  /**
   * A blocking query: answers when what `path` (below /v1) shows has changed since `index`, or after `waitSeconds`.
   * Returns the index to ask with next time (0 = ask anew).
   */
  changed(path: string, index: number, waitSeconds: number, signal: AbortSignal): Promise<number>;
};

/**
 * A client of one agent; every request is counted. Reads that any server can answer are `stale`, so that they work
 * while there is no leader.
 */
export function consulClient(agent: string, token: string | undefined, requests: RequestLog): ConsulClient {
  const { host } = new URL(agent);
  const base = `${agent.replace(/\/$/, '')}/v1`;
  const headers: Record<string, string> = token === undefined ? {} : { 'x-consul-token': token };
  const get = (path: string, signal: AbortSignal, alsoAccept?: number) => {
    requests.sent(host);
    return getJson(`${base}${path}`, { signal, headers, ...(alsoAccept === undefined ? {} : { alsoAccept }) });
  };
  async function entries(key: string, query: string, signal: AbortSignal): Promise<unknown[]> {
    try {
      const found = await get(`${encodePath(`/kv/${key}`)}${query}`, signal);
      if (Array.isArray(found)) return found;
    } catch (error) {
      if (error instanceof ProbeError && error.code === 'not-found') return [];
      throw error;
    }
    throw new ProbeError('protocol', `key ${key}: expected a list`);
  }
  return {
    leader: (signal) => get('/status/leader', signal),
    members: (signal) => get('/agent/members', signal),
    sessions: (signal) => get('/session/list?stale', signal),
    key: async (key, signal) => (await entries(key, '?stale', signal))[0] ?? null,
    keysBelow: (prefix, signal) => entries(prefix, '?recurse&stale', signal),
    raftConfiguration: (signal) => get('/operator/raft/configuration?stale', signal),
    autopilotHealth: (signal) => get('/operator/autopilot/health', signal, UNHEALTHY),
    checks: (signal) => get('/health/state/any?stale', signal),
    version: (signal) => get('/agent/self', signal),
    async changed(path, index, waitSeconds, signal) {
      requests.sent(host);
      const blocking = index > 0 ? `&index=${index}&wait=${waitSeconds}s` : '';
      const url = `${base}${encodePath(path)}?stale${blocking}`;
      const response = await fetch(url, { signal, headers, redirect: 'manual' });
      await response.body?.cancel();
      // A key that does not exist answers 404, with an index to wait on.
      if (!response.ok && response.status !== 404) throw refusal(response.status, url);
      const next = Number(response.headers.get('x-consul-index'));
      // Consul's rule: an index that goes backwards, or is no index, means to start anew.
      return Number.isSafeInteger(next) && next >= 1 && next >= index ? next : 0;
    },
  };
}

/** What autopilot answers with when it is not healthy; the body is the same. */
const UNHEALTHY = 429;

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
