/** Consul: sessions ended, leadership given on, locks read, through any agent that answers. */
import { z } from 'zod';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { EstateActions } from './estate-actions.ts';
import { type HttpAnswer, type HttpCall, httpCall, refusalOf } from './http-call.ts';
import { actionError } from './outside-call.ts';

/** `agents` are base URLs. */
export type ConsulActionsOptions = { clock: TimerClock; agents: readonly string[]; token: string | undefined };

const LIMIT_MS = 5_000;
const NOT_FOUND = 404;
const NOT_ALLOWED = 405;

const raftShape = z.object({ Servers: z.array(z.object({ ID: z.string(), Node: z.string(), Address: z.string() })) });
const keyShape = z.array(z.object({ Session: z.string().optional() }));
const sessionShape = z.array(z.object({ Node: z.string() }));

/** The verbs on the coordinator. */
export function createConsulActions({ clock, agents, token }: ConsulActionsOptions): EstateActions['consul'] {
  const bases = agents.map((url) => url.replace(/\/$/, ''));
  const headers: Record<string, string> = token === undefined ? {} : { 'x-consul-token': token };

  async function call(
    request: Pick<HttpCall, 'method' | 'path'>,
    signal: AbortSignal,
    accepts: readonly number[] = [],
  ): Promise<HttpAnswer> {
    const answer = await httpCall(bases, { ...request, headers }, { clock, limitMs: LIMIT_MS, signal });
    if ((answer.status >= 200 && answer.status < 300) || accepts.includes(answer.status)) return answer;
    throw actionError(`Consul: ${request.method} ${request.path}`, refusalOf(answer));
  }

  async function read<T>(path: string, shape: z.ZodType<T>, empty: T, signal: AbortSignal): Promise<T> {
    const { status, json } = await call({ method: 'GET', path }, signal, [NOT_FOUND]);
    if (status === NOT_FOUND) return empty;
    const parsed = shape.safeParse(json);
    if (parsed.success) return parsed.data;
    throw actionError(`Consul: GET ${path}`, `answered in a shape that is not its own: ${parsed.error.message}`);
  }

  return {
    async destroySession(session, signal) {
      const path = `/v1/session/destroy/${encodeURIComponent(session)}`;
      const { json, text } = await call({ method: 'PUT', path }, signal);
      if (json !== true) throw actionError(`Consul: PUT ${path}`, `answered ${text}`);
    },
    async transferLeader(to, signal) {
      const id = to === null ? null : await serverId(to, signal);
      const path = `/v1/operator/raft/transfer-leader${id === null ? '' : `?id=${encodeURIComponent(id)}`}`;
      const answer = await call({ method: 'POST', path }, signal, [NOT_FOUND, NOT_ALLOWED]);
      if (answer.status >= 400) {
        throw actionError(`Consul: POST ${path}`, `answered ${answer.status}: this version cannot give leadership on`);
      }
      if ((answer.json as { Success?: unknown } | null)?.Success !== true) {
        throw actionError(`Consul: POST ${path}`, `answered ${answer.text}`);
      }
    },
    async lockHolder(key, signal) {
      const [entry] = await read(`/v1/kv/${key.split('/').map(encodeURIComponent).join('/')}`, keyShape, [], signal);
      const session = entry?.Session ?? null;
      if (session === null) return { session: null, node: null };
      const [info] = await read(`/v1/session/info/${encodeURIComponent(session)}`, sessionShape, [], signal);
      return { session, node: info?.Node ?? null };
    },
  };

  /** Consul wants the raft id; people know the node's name, or its raft address. */
  async function serverId(server: string, signal: AbortSignal): Promise<string> {
    const path = '/v1/operator/raft/configuration';
    const { Servers } = await read(path, raftShape, { Servers: [] }, signal);
    const found = Servers.find(({ ID, Node, Address }) => [ID, Node, Address].includes(server));
    if (found === undefined) throw actionError(`Consul: GET ${path}`, `knows no server ${server}`);
    return found.ID;
  }
}
