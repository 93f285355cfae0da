/**
 * Tells workers that send no task events to send them, again and again: one that was started anew has forgotten it. Only
 * where the configuration asks for it, with the credentials for acting.
 */
import type { Channel, ChannelModel } from 'amqplib';
import type { BrokerAddress } from '#server/amqp/addresses.ts';
import { type AmqpLogin, connectTo, whileConnected } from '#server/amqp/connection.ts';
import { pidboxRequest } from '#server/celery/pidbox.ts';
import type { TimerClock } from '#server/runtime/clock.ts';
import type { WorkerReport } from './workers.ts';

/** A way to the workers' remote control. */
export type ControlWire = {
  publish(body: Uint8Array, headers: Readonly<Record<string, unknown>>): void;
  close(): void;
};

export type EnableOptions = {
  workers(): readonly WorkerReport[];
  /** @throws when no broker answers or the user is refused; `lost` is called when an open wire ends */
  open(lost: () => void): Promise<ControlWire>;
  clock: TimerClock;
  /** For the log; each failure once. */
  onProblem(message: string): void;
};

const EVERY_MS = 5_000;
/** By the workers' clocks: they drop what is older. */
const EXPIRES_AFTER_MS = 60_000;
const CONTROL_EXCHANGE = 'celery.pidbox';

/** Starts after the first interval; returns what ends it. */
export function startEnabling({ workers, open, clock, onProblem }: EnableOptions): () => void {
  let wire: ControlWire | null = null;
  let told: string | null = null;
  let cancel = () => {};
  let stopped = false;

  async function tell(): Promise<void> {
    const destination = workers().flatMap((one) => (isMute(one) ? one.id : []));
    if (destination.length === 0) return;
    const opened =
      wire ??
      (await open(() => {
        wire = null;
      }));
    if (stopped) return opened.close();
    wire = opened;
    const expiresAt = clock.now() + EXPIRES_AFTER_MS;
    const { body, headers } = pidboxRequest({
      ...{ method: 'enable_events', arguments: {}, destination, ticket: null, replyTo: null, expiresAt },
    });
    opened.publish(body, headers);
    told = null;
  }

  function next(): void {
    cancel = clock.after(EVERY_MS, () => {
      tell()
        .catch((error: Error) => {
          if (told !== error.message) onProblem(`workers cannot be told to send events: ${error.message}`);
          told = error.message;
        })
        .finally(() => {
          if (!stopped) next();
        });
    });
  }

  next();
  return () => {
    stopped = true;
    cancel();
    wire?.close();
  };
}

function isMute({ state, sendsTaskEvents }: WorkerReport): boolean {
  return state === 'online' && sendsTaskEvents !== true;
}

/** A wire over AMQP to the first address that answers. */
export function controlWire(addresses: readonly BrokerAddress[], login: AmqpLogin) {
  return async (lost: () => void): Promise<ControlWire> => {
    const model = await firstOf(addresses, login);
    model.on('error', () => undefined);
    model.on('close', lost);
    const channel = await opened(model);
    // A refusal ends the channel; the connection then goes with it, and the next round opens another.
    channel.on('error', () => undefined);
    channel.on('close', () => void model.close().catch(() => undefined));
    return {
      publish(body, headers) {
        const options = { headers, contentType: 'application/json', contentEncoding: 'utf-8' };
        channel.publish(CONTROL_EXCHANGE, '', Buffer.from(body), options);
      },
      close: () => void model.close().catch(() => undefined),
    };
  };
}

async function opened(model: ChannelModel): Promise<Channel> {
  try {
    return await whileConnected(model, model.createChannel());
  } catch (error) {
    void model.close().catch(() => undefined);
    throw error;
  }
}

async function firstOf(addresses: readonly BrokerAddress[], login: AmqpLogin): Promise<ChannelModel> {
  let failure: unknown = new Error('no address');
  for (const address of addresses) {
    try {
      return await connectTo(address, login, 'trellis (control)');
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}
