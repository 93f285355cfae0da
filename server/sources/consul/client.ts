/** A small Consul client: the `consul` package where it has the call, `fetch` for the operator API that it lacks. */
import { EventEmitter } from 'node:events';
import Consul from 'consul';
import { getJson } from '#server/sources/http-json.ts';
import { ProbeError } from '#server/sources/source.ts';

export type ConsulClient = {
  leader(signal: AbortSignal): Promise<unknown>;
  members(signal: AbortSignal): Promise<unknown>;
  sessions(signal: AbortSignal): Promise<unknown>;
  /** The key's entry, or null when there is none. */
  key(key: string, signal: AbortSignal): Promise<unknown>;
  raftConfiguration(signal: AbortSignal): Promise<unknown>;
};

type Call = { ctx: EventEmitter; stale?: boolean };

/** A client of one agent. Reads that any server can answer are `stale`, so that they work while there is no leader. */
export function consulClient(agent: string, token: string | undefined): ConsulClient {
  const url = new URL(agent);
  const secure = url.protocol === 'https:';
  const consul = new Consul({
    host: url.hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    ...(token === undefined ? {} : { defaults: { token } }),
  });
  return {
    leader: (signal) => call(signal, (options) => consul.status.leader(options as never)),
    members: (signal) => call(signal, (options) => consul.agent.members(options as never)),
    sessions: (signal) => call(signal, (options) => consul.session.list({ ...options, stale: true } as never)),
    key: async (key, signal) =>
      (await call(signal, (options) => consul.kv.get({ ...options, key, stale: true } as never))) ?? null,
    raftConfiguration: (signal) =>
      getJson(`${agent.replace(/\/$/, '')}/v1/operator/raft/configuration?stale`, {
        signal,
        headers: token === undefined ? {} : { 'x-consul-token': token },
      }),
  };
}

/** The package is aborted by an event, and puts the status code on its errors. */
async function call<T>(signal: AbortSignal, run: (options: Call) => Promise<T>): Promise<T> {
  const ctx = new EventEmitter();
  const cancel = () => ctx.emit('cancel');
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await run({ ctx });
  } catch (error) {
    throw named(error);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function named(error: unknown): unknown {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  if (statusCode === undefined) return error;
  const text = `Consul: ${message ?? statusCode}`;
  if (statusCode === 401) return new ProbeError('auth', text);
  if (statusCode === 403) return new ProbeError('forbidden', text);
  if (statusCode === 404) return new ProbeError('not-found', text);
  if (statusCode === 429) return new ProbeError('rate-limited', text);
  return new ProbeError(statusCode >= 500 ? 'server-error' : 'protocol', text);
}
