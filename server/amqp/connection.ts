/** Connections to broker nodes, for whatever is done over them. */
import { type ChannelModel, connect } from 'amqplib';
import type { BrokerAddress } from './addresses.ts';

export type AmqpLogin = { user: string; password: string; vhost: string };

const HEARTBEAT_SECONDS = 10;
const CONNECT_TIMEOUT_MS = 3_000;

/** Connects to a node under a name that operators see in RabbitMQ's list of connections. */
export function connectTo(address: BrokerAddress, login: AmqpLogin, name: string): Promise<ChannelModel> {
  return connect(
    {
      protocol: address.tls ? 'amqps' : 'amqp',
      hostname: address.hostname,
      port: address.port,
      username: login.user,
      password: login.password,
      vhost: login.vhost,
      heartbeat: HEARTBEAT_SECONDS,
    },
    { timeout: CONNECT_TIMEOUT_MS, noDelay: true, clientProperties: { connection_name: name } },
  );
}

/** What is opened on a new connection gets so long. */
const OPEN_LIMIT_MS = 20_000;

/**
 * What the work on a connection comes to, while that stands: amqplib leaves the promise of a channel that is being opened or closed
 * open for ever when the connection goes meanwhile. @throws what `why` gives once it is gone, or an error after the time limit
 */
export async function whileConnected<T>(
  model: ChannelModel,
  work: Promise<T>,
  { why = () => new Error('the connection was closed'), limitMs = OPEN_LIMIT_MS } = {},
): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const onClose = () => reject(why());
  model.once('close', onClose);
  const limit = setTimeout(() => reject(new Error('ETIMEDOUT: it does not answer')), limitMs);
  try {
    return await Promise.race([work, gone]);
  } finally {
    clearTimeout(limit);
    model.off('close', onClose);
  }
}

/** As `connectTo`, to the first that answers. @throws Error: the last one's name and words, without the password */
export async function connectToAny(
  addresses: readonly BrokerAddress[],
  login: AmqpLogin,
  name: string,
): Promise<ChannelModel> {
  let failure = new Error('no address of a broker is known');
  for (const address of addresses) {
    try {
      return await connectTo(address, login, name);
    } catch (error) {
      failure = new Error(`${address.name}: ${withoutPassword(error, login)}`);
    }
  }
  throw failure;
}

/** What an error says, safe to show. */
export function withoutPassword(error: unknown, { password }: AmqpLogin): string {
  // Several refusals in one have a name and no message.
  const told = error instanceof Error ? error.message || error.name : String(error);
  return password === '' ? told : told.replaceAll(password, '***');
}
