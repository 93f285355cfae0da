/** RabbitMQ's own word, read by the bench itself: an idle AMQP connection, and the management API of a peer. */
import { type ChannelModel, connect } from 'amqplib';
import { ADDRESSES, type Host, PORTS, rabbitNode } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { pollEvery } from './clock.ts';
import type { Signal } from './signal.ts';

const POLL_MS = 20;
const ANSWER_LIMIT_MS = 5_000;

/** Marks `closed` when the idle connection to a node ends. `heartbeatSeconds` 0 = none. */
export async function idleConnection(
  lab: LabContext,
  host: Host,
  heartbeatSeconds: number,
  closed: Signal,
): Promise<() => Promise<void>> {
  const connection: ChannelModel = await connect({
    hostname: ADDRESSES[host],
    port: PORTS.amqp,
    username: 'trellis-read',
    password: lab.secret('trellis-read'),
    heartbeat: heartbeatSeconds,
    vhost: '/',
  });
  connection.on('error', () => closed.mark());
  connection.on('close', () => closed.mark());
  return async () => {
    // A closing handshake with a hung node would never end.
    if (closed.at === null) await Promise.race([connection.close().catch(() => undefined), limit(1_000)]);
  };
}

/** Marks `down` when the peer's own list says that the node does not run. */
export function peerSaysDown(lab: LabContext, peer: Host, node: Host, down: Signal): () => void {
  const url = `http://${ADDRESSES[peer]}:${PORTS.management}/api/nodes?disable_stats=true&columns=name,running`;
  const headers = { authorization: basic(lab) };
  return pollEvery(POLL_MS, async (signal) => {
    const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_LIMIT_MS)]);
    const response = await fetch(url, { headers, signal: either });
    const nodes = (await response.json()) as { name: string; running: boolean }[];
    if (nodes.some(({ name, running }) => name === rabbitNode(node) && !running)) down.mark();
  });
}

/** The header with which the reading user asks. */
export function basic(lab: LabContext): string {
  return `Basic ${Buffer.from(`trellis-read:${lab.secret('trellis-read')}`).toString('base64')}`;
}

function limit(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
