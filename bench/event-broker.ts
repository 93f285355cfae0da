/** The lab's broker for the benches of the intake: connections of the bench's own, and orders over the management API. */
import { type ChannelModel, connect } from 'amqplib';
import { ADDRESSES, HOSTS, type Host, memberId, PORTS } from '#lab/layout.ts';
import { memberProcesses } from '#lab/processes.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { TRELLIS_QUEUE } from './event-message.ts';

const CONNECT_LIMIT_MS = 5_000;
const ANSWER_LIMIT_MS = 10_000;

/** Connects as an application does. `port` is a node's own, or its host's HAProxy. @throws Error when it cannot */
export async function openBroker(lab: LabContext, host: Host, port: number = PORTS.amqp): Promise<ChannelModel> {
  const where = { hostname: ADDRESSES[host], port, username: 'app', password: lab.secret('app'), vhost: '/' };
  const connection = await connect(where, { timeout: CONNECT_LIMIT_MS });
  connection.on('error', () => undefined); // the order that failed says it
  return connection;
}

/** Asks the management API of a node as the administrator; null where it has nothing (404). @throws Error with the answer */
export async function manage(lab: LabContext, host: Host, method: string, path: string): Promise<unknown> {
  const login = Buffer.from(`trellis-act:${lab.secret('trellis-act')}`).toString('base64');
  const response = await fetch(`http://${ADDRESSES[host]}:${PORTS.management}/api/${path}`, {
    method,
    headers: { authorization: `Basic ${login}` },
    signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
  });
  const text = await response.text();
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`${method} /api/${path}: ${response.status} ${text}`);
  return text === '' ? null : JSON.parse(text);
}

/** Force-closes every AMQP connection of Trellis's users, by whichever node lives. Returns how many there were. */
export async function closeTrellisConnections(lab: LabContext, host: Host): Promise<number> {
  const all = (await manage(lab, host, 'GET', 'connections?columns=name,user')) as { name: string; user: string }[];
  const own = all.filter(({ user }) => user.startsWith('trellis-'));
  const closed = own.map(({ name }) => manage(lab, host, 'DELETE', `connections/${encodeURIComponent(name)}`));
  await Promise.all(closed);
  return own.length;
}

/** Deletes the queue in which Trellis has events kept, with what is in it. */
export async function deleteEventQueue(lab: LabContext): Promise<void> {
  await manage(lab, 'host-1', 'DELETE', `queues/%2F/${TRELLIS_QUEUE}`);
}

/** The queues in which Trellis waits for answers of workers: exclusive ones, of connections of its users. */
export async function replyQueues(lab: LabContext, host: Host): Promise<string[]> {
  const columns = 'name,exclusive,owner_pid_details';
  const all = (await manage(lab, host, 'GET', `queues/%2F?columns=${columns}`)) as {
    name: string;
    exclusive?: boolean;
    owner_pid_details?: { user?: string; name?: string };
  }[];
  const connections = (await manage(lab, host, 'GET', 'connections?columns=name,user')) as {
    name: string;
    user: string;
  }[];
  const own = new Set(connections.filter(({ user }) => user.startsWith('trellis-')).map(({ name }) => name));
  return all
    .filter(({ exclusive, owner_pid_details: owner }) => exclusive && own.has(owner?.name ?? ''))
    .map(({ name }) => name);
}

/** The processes of all three broker nodes. */
export function brokerPids(lab: LabContext): number[] {
  return HOSTS.flatMap((host) => memberProcesses(lab.paths.root, [memberId(host, 'rabbitmq')])).map(({ pid }) => pid);
}
