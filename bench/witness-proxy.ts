/** HAProxy's own word, from its runtime socket. */
import { connect } from 'node:net';
import { ADDRESSES, type Host, numberOf, PORTS } from '#lab/layout.ts';
import { pollEvery } from './clock.ts';
import type { Signal } from './signal.ts';

const POLL_MS = 20;
const ANSWER_LIMIT_MS = 2_000;

/** The answer of a host's HAProxy to one command. @throws Error when it does not answer */
export function askHaproxy(host: Host, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(PORTS.proxySocket, ADDRESSES[host], () => socket.write(`${command}\n`));
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('HAProxy does not answer')));
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

/**
 * Sets the state of a host's own broker in its HAProxy.
 * @throws Error with HAProxy's words when it refuses
 */
export async function setOwnBroker(host: Host, state: 'drain' | 'ready'): Promise<void> {
  const answer = await askHaproxy(host, `set server amqp/rabbit-${numberOf(host)} state ${state}`);
  if (answer.trim() !== '') throw new Error(`HAProxy on ${host}: ${answer.trim()}`);
}

/** Marks `drained` when the statistics call a host's own broker drained. */
export function statsSayDrained(host: Host, drained: Signal): () => void {
  const line = `amqp,rabbit-${numberOf(host)},`;
  return pollEvery(POLL_MS, async () => {
    const row = (await askHaproxy(host, 'show stat')).split('\n').find((each) => each.startsWith(line));
    if (row?.includes(',DRAIN')) drained.mark();
  });
}
