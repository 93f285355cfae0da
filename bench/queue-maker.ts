/** Many queues on the lab, declared and deleted over AMQP. */
import { type ChannelModel, connect } from 'amqplib';
import { ADDRESSES, HOSTS, type Host, PORTS } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';

const PREFIX = 'bench-';
const POLICY = 'bench-single-copy';
/** Orders that are under way at a time on each connection. */
const IN_FLIGHT = 50;

/** The n-th queue's name. */
export function queueName(n: number): string {
  return `${PREFIX}${String(n).padStart(5, '0')}`;
}

/**
 * Declares durable classic queues `from`..`to`, a third of them on each node. With the lab's `ha-all` each would get a
 * process and an index on all three nodes; a policy of higher priority leaves one copy each.
 */
export async function declareQueues(lab: LabContext, from: number, to: number, mirrored: boolean): Promise<void> {
  if (!mirrored) await setPolicy(lab);
  await onEveryNode(lab, from, to, (channel, name) => channel.assertQueue(name, { durable: true }));
}

/** Deletes them, whichever exist, and the policy. */
export async function deleteQueues(lab: LabContext, from: number, to: number): Promise<void> {
  await onEveryNode(lab, from, to, (channel, name) => channel.deleteQueue(name));
  await management(lab, 'DELETE');
}

type Channel = Awaited<ReturnType<ChannelModel['createChannel']>>;

async function onEveryNode(
  lab: LabContext,
  from: number,
  to: number,
  order: (channel: Channel, name: string) => Promise<unknown>,
): Promise<void> {
  await Promise.all(
    HOSTS.map(async (host, index) => {
      const connection = await open(lab, host);
      try {
        const channel = await connection.createChannel();
        const numbers: number[] = [];
        for (let n = from + index; n <= to; n += HOSTS.length) numbers.push(n);
        for (let at = 0; at < numbers.length; at += IN_FLIGHT) {
          await Promise.all(numbers.slice(at, at + IN_FLIGHT).map((n) => order(channel, queueName(n))));
        }
      } finally {
        await connection.close().catch(() => undefined);
      }
    }),
  );
}

async function open(lab: LabContext, host: Host): Promise<ChannelModel> {
  const connection = await connect({
    hostname: ADDRESSES[host],
    port: PORTS.amqp,
    username: 'app',
    password: lab.secret('app'),
    vhost: '/',
  });
  connection.on('error', () => undefined); // the order that failed says it
  return connection;
}

function setPolicy(lab: LabContext): Promise<void> {
  return management(lab, 'PUT', {
    pattern: `^${PREFIX}`,
    definition: { 'queue-mode': 'default' },
    priority: 10,
    'apply-to': 'queues',
  });
}

async function management(lab: LabContext, method: 'PUT' | 'DELETE', body?: object): Promise<void> {
  const login = Buffer.from(`trellis-act:${lab.secret('trellis-act')}`).toString('base64');
  const url = `http://${ADDRESSES['host-1']}:${PORTS.management}/api/policies/%2F/${POLICY}`;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  if (!response.ok && response.status !== 404) throw new Error(`${method} of the policy: ${response.status}`);
}
