/** Redis data nodes: writes held back and let go, roles given and read. */
import type { RedisLogin } from '#server/redis/login.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { EstateActions } from './estate-actions.ts';
import { actionError, hostAndPort } from './outside-call.ts';
import { redisCall, redisOrder } from './redis-call.ts';

/** What the verbs need; `loginOf` tells how to sign in at `address:port`. */
export type RedisActionsOptions = { clock: TimerClock; loginOf(address: string): RedisLogin };

const LIMIT_MS = 2_000;
/** A crash of Trellis must not leave an application without writes for longer. */
const LONGEST_PAUSE_MS = 30_000;

/** The verbs on data nodes, each over a connection of its own. */
export function createRedisActions({ clock, loginOf }: RedisActionsOptions): Omit<EstateActions['redis'], 'failover'> {
  const order = async (address: string, command: readonly [string, ...string[]], signal: AbortSignal) => {
    await redisOrder(address, loginOf(address), command, { clock, limitMs: LIMIT_MS, signal });
  };
  return {
    async pauseWrites(address, ms, signal) {
      if (!Number.isInteger(ms) || ms < 1 || ms > LONGEST_PAUSE_MS) {
        throw actionError(`${address}: CLIENT PAUSE ${ms} WRITE`, `a pause is 1 to ${LONGEST_PAUSE_MS} ms`);
      }
      await order(address, ['client', 'PAUSE', String(ms), 'WRITE'], signal);
    },
    unpause: (address, signal) => order(address, ['client', 'UNPAUSE'], signal),
    replicaOf(address, master, signal) {
      if (master === null) return order(address, ['replicaof', 'NO', 'ONE'], signal);
      const { host, port } = hostAndPort(master);
      return order(address, ['replicaof', host, String(port)], signal);
    },
    async role(address, signal) {
      const limits = { clock, limitMs: LIMIT_MS, signal };
      const answer = await redisCall(address, loginOf(address), ['role'], limits);
      const role = roleOf(answer);
      if (role === null) throw actionError(`${address}: ROLE`, `answered ${JSON.stringify(answer)}`);
      return role;
    },
  };
}

type Role = Awaited<ReturnType<EstateActions['redis']['role']>>;

/** What ROLE answered; null = it is no data node's answer. */
function roleOf(answer: unknown): Role | null {
  if (!Array.isArray(answer)) return null;
  if (answer[0] === 'master') {
    const [, offset, replicas] = answer;
    if (!isOffset(offset) || !Array.isArray(replicas)) return null;
    const told = replicas.map(([ip, port, at]: unknown[]) => [`${ip}:${port}`, Number(at)] as const);
    return told.every(([, at]) => isOffset(at)) ? { role: 'master', offset, replicas: Object.fromEntries(told) } : null;
  }
  const [word, , , , offset] = answer;
  return word === 'slave' && isOffset(offset) ? { role: 'replica', offset, replicas: {} } : null;
}

/** A replica that has never been in sync says -1. */
function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= -1;
}
