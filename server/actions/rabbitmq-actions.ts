/** RabbitMQ: policies, synchronisation and connections, over the management API of any node that answers. */
import { z } from 'zod';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { EstateActions } from './estate-actions.ts';
import { type HttpAnswer, type HttpCall, httpCall, refusalOf } from './http-call.ts';
import { actionError } from './outside-call.ts';

/** `management` are the nodes' base URLs; `login` null = there are no acting credentials. */
export type RabbitmqActionsOptions = {
  clock: TimerClock;
  management: readonly string[];
  login: { user: string; password: string } | null;
};

const LIMIT_MS = 3_000;
const NOT_FOUND = 404;

const queueShape = z.object({
  node: z.string().optional(),
  leader: z.string().optional(),
  slave_nodes: z.array(z.string()).optional(),
  synchronised_slave_nodes: z.array(z.string()).optional(),
  online: z.array(z.string()).optional(),
  messages: z.number().optional(),
});
const nodeShape = z.object({
  name: z.string(),
  running: z.boolean(),
  partitions: z.array(z.string()).optional(),
});
const selfShape = z.object({ node: z.string() });
const policyShape = z.object({ name: z.string() });
const definitionShape = z.object({ effective_policy_definition: z.unknown() });
const connectionShape = z.object({ name: z.string(), node: z.string().optional(), user: z.string().optional() });

/** The verbs on the broker. All are idempotent: one that was cut may be carried out by the next node once more. */
export function createRabbitmqActions({ clock, management, login }: RabbitmqActionsOptions): EstateActions['rabbitmq'] {
  const bases = management.map((url) => url.replace(/\/$/, ''));

  async function call(
    request: Omit<HttpCall, 'headers'> & { headers?: HttpCall['headers'] },
    signal: AbortSignal,
    accepts: readonly number[] = [],
    from: readonly string[] = bases,
  ): Promise<HttpAnswer> {
    const what = `${request.method} ${request.path}`;
    if (login === null) throw actionError(what, 'there are no credentials to act: add acting.rabbitmq');
    const authorization = `Basic ${Buffer.from(`${login.user}:${login.password}`).toString('base64')}`;
    const headers = { ...request.headers, authorization };
    const answer = await httpCall(from, { ...request, headers }, { clock, limitMs: LIMIT_MS, signal });
    if ((answer.status >= 200 && answer.status < 300) || accepts.includes(answer.status)) return answer;
    throw actionError(`RabbitMQ: ${what}`, refusalOf(answer));
  }

  /** Which node answers there; null = none does. */
  async function nameOf(base: string, signal: AbortSignal): Promise<string | null> {
    const told = await read('/api/overview?columns=node', selfShape, signal, [base]).catch(() => null);
    return told?.node ?? null;
  }

  async function read<T>(path: string, shape: z.ZodType<T>, signal: AbortSignal, from = bases): Promise<T> {
    const { json } = await call({ method: 'GET', path }, signal, [], from);
    const parsed = shape.safeParse(json);
    if (parsed.success) return parsed.data;
    throw actionError(`RabbitMQ: GET ${path}`, `answered in a shape that is not its own: ${parsed.error.message}`);
  }

  return {
    async putPolicy(vhost, name, { pattern, definition, priority, applyTo }, signal) {
      const body = { pattern, definition, priority, 'apply-to': applyTo };
      await call({ method: 'PUT', path: pathOf('policies', vhost, name), body }, signal);
    },
    async deletePolicy(vhost, name, signal) {
      // Gone is gone: an undo may come twice.
      await call({ method: 'DELETE', path: pathOf('policies', vhost, name) }, signal, [NOT_FOUND]);
    },
    async policies(vhost, prefix, signal) {
      const found = await read(pathOf('policies', vhost), z.array(policyShape), signal);
      return found.map(({ name }) => name).filter((name) => name.startsWith(prefix));
    },
    async syncQueue(vhost, queue, action, signal) {
      await call({ method: 'POST', path: `${pathOf('queues', vhost, queue)}/actions`, body: { action } }, signal);
    },
    async queue(vhost, queue, signal) {
      const path = pathOf('queues', vhost, queue);
      // Without statistics it is live, but tells no policy; with them it may be seconds old.
      const live = await read(`${path}?disable_stats=true&enable_queue_totals=true`, queueShape, signal);
      const { effective_policy_definition: told } = await read(path, definitionShape, signal);
      const leader = live.leader ?? live.node ?? null;
      const copies = live.synchronised_slave_nodes ?? live.online ?? [];
      return {
        leader,
        inSync: copies.filter((node) => node !== leader),
        messages: live.messages ?? 0,
        definition: isDefinition(told) ? told : {},
      };
    },
    async nodes(signal) {
      const [all, ...answering] = await Promise.all([
        read('/api/nodes?columns=name,running,partitions', z.array(nodeShape), signal),
        ...bases.map((base) => nameOf(base, signal)),
      ]);
      const isEachAsked = bases.length >= all.length;
      return all.map(({ name, running, partitions = [] }) => {
        const answers = answering.includes(name) || (isEachAsked ? false : null);
        return { name, running, partitions, answers };
      });
    },
    async closeConnections(filter, reason, signal) {
      if (filter.node === undefined && filter.user === undefined) {
        throw actionError('RabbitMQ: DELETE /api/connections', 'say of which node, or of which user');
      }
      const all = await read('/api/connections?columns=name,node,user', z.array(connectionShape), signal);
      const chosen = all.filter(({ node, user }) => (filter.node ?? node) === node && (filter.user ?? user) === user);
      for (const { name } of chosen) {
        const path = pathOf('connections', name);
        await call({ method: 'DELETE', path, headers: { 'x-reason': asHeader(reason) } }, signal, [NOT_FOUND]);
      }
      return chosen.length;
    },
  };
}

function pathOf(...parts: readonly string[]): string {
  return `/api/${parts.map(encodeURIComponent).join('/')}`;
}

/** RabbitMQ says `[]`, or nothing, where no policy applies. */
function isDefinition(told: unknown): told is Readonly<Record<string, unknown>> {
  return typeof told === 'object' && told !== null && !Array.isArray(told);
}

/** A header takes no line breaks, nor letters outside Latin-1. */
function asHeader(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, ' ').trim();
}
