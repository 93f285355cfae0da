/** One command to one Redis or Sentinel, over a connection of its own that ends with it. */
import { Redis } from 'ioredis';
import type { RedisLogin } from '#server/redis/login.ts';
import { ONE_TRY } from '#server/redis/one-try.ts';
import { type CallLimits, hostAndPort, outsideCall } from './outside-call.ts';

const CONNECT_TIMEOUT_MS = 1_500;
/** Every answer here is short. */
const MAX_BYTES = 1024 * 1024;

/**
 * The answer to one command, its name in lower case.
 * @throws Error of code ACTION_FAILED that names address, command and answer
 */
export function redisCall(
  address: string,
  login: RedisLogin,
  command: readonly [string, ...string[]],
  limits: CallLimits,
): Promise<unknown> {
  const what = `${address}: ${command[0].toUpperCase()} ${command.slice(1).join(' ')}`.trimEnd();
  return outsideCall(what, limits, async (signal) => {
    const client = open(address, login);
    let cause: unknown = null;
    client.on('error', (error) => {
      cause ??= error;
    });
    let received = 0;
    client.on('connect', () => {
      client.stream.on('data', (chunk: Buffer) => {
        received += chunk.length;
        if (received <= MAX_BYTES) return;
        cause ??= new Error(`answers more than ${MAX_BYTES} bytes`);
        drop();
      });
    });
    const drop = () => {
      client.disconnect();
      // A hung server never answers the farewell.
      client.stream?.destroy();
    };
    signal.addEventListener('abort', drop, { once: true });
    try {
      if (signal.aborted) throw signal.reason;
      await client.connect();
      const answers = await client.pipeline([[...command]]).exec();
      const [failure, answer] = answers?.[0] ?? [new Error('the connection was closed'), undefined];
      if (failure !== null) throw failure;
      return answer;
    } catch (error) {
      throw withoutSecret(isRefusal(error) ? error : (cause ?? error), login);
    } finally {
      signal.removeEventListener('abort', drop);
      drop();
    }
  });
}

/** As `redisCall` for commands that answer OK. @throws also where they answer something else */
export async function redisOrder(
  address: string,
  login: RedisLogin,
  command: readonly [string, ...string[]],
  limits: CallLimits,
): Promise<string> {
  const answer = await redisCall(address, login, command, limits);
  if (typeof answer === 'string' && answer.startsWith('OK')) return answer;
  const what = `${address}: ${command.join(' ')}`;
  return outsideCall(what, limits, () => Promise.reject(new Error(`answered ${JSON.stringify(answer)}`)));
}

function open(address: string, { user, password }: RedisLogin): Redis {
  return new Redis({
    ...hostAndPort(address),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
    ...ONE_TRY,
    connectTimeout: CONNECT_TIMEOUT_MS,
    connectionName: 'trellis (acting)',
  });
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}

/** Old servers repeat the password in their refusal. */
function withoutSecret(error: unknown, { password }: RedisLogin): Error {
  const message = error instanceof Error ? error.message : String(error);
  return new Error(password ? message.replaceAll(password, '***') : message);
}
