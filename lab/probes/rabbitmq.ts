/** Asks every RabbitMQ node what it thinks of the cluster. */
import { ADDRESSES, HOSTS, type Host, memberId, PORTS, QUEUE, rabbitNode } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { getJson, reason } from './http.ts';
import type { Problem } from './problem.ts';

type Node = { readonly name: string; readonly running: boolean; readonly partitions?: readonly string[] };
type Queue = {
  readonly name: string;
  readonly type?: string;
  readonly node?: string;
  readonly effective_policy_definition?: { readonly 'ha-mode'?: string };
  readonly slave_nodes?: readonly string[];
  readonly synchronised_slave_nodes?: readonly string[];
};
type Consumer = {
  readonly queue: { readonly name: string };
  readonly channel_details?: { readonly peer_host?: string };
};

/** Three nodes, all running, in the view of each of the three. */
export async function clusterProblems(lab: LabContext): Promise<readonly Problem[]> {
  const views = await Promise.all(HOSTS.map((host) => clusterProblem(lab, host)));
  return views.filter((view) => view !== undefined);
}

async function clusterProblem(lab: LabContext, host: Host): Promise<Problem | undefined> {
  const members = [memberId(host, 'rabbitmq')];
  try {
    const nodes = await management<Node[]>(lab, host, '/api/nodes?columns=name,running,partitions');
    const missing = HOSTS.filter((peer) => !nodes.some((node) => node.name === rabbitNode(peer) && node.running));
    if (missing.length > 0) {
      return { what: `${rabbitNode(host)} does not see ${missing.map(rabbitNode).join(', ')} running`, members };
    }
    const partitioned = nodes.filter((node) => (node.partitions?.length ?? 0) > 0);
    if (partitioned.length > 0) return { what: `${rabbitNode(host)} sees a partition`, members };
    return undefined;
  } catch (error) {
    return { what: `${rabbitNode(host)} does not answer: ${reason(error)}`, members };
  }
}

/** Every mirrored queue has a synchronised copy on all other nodes. */
export async function mirrorProblems(lab: LabContext): Promise<readonly Problem[]> {
  try {
    const queues = await anyManagement<Queue[]>(lab, '/api/queues/%2F');
    if (!queues.some((queue) => queue.name === QUEUE)) return [problem(`there is no queue "${QUEUE}" yet`)];
    return queues
      .filter((queue) => queue.effective_policy_definition?.['ha-mode'] === 'all' && queue.slave_nodes !== undefined)
      .filter((queue) => (queue.synchronised_slave_nodes?.length ?? 0) < HOSTS.length - 1)
      .map((queue) =>
        problem(
          `queue "${queue.name}" has ${queue.synchronised_slave_nodes?.length ?? 0} mirrors in sync, not ${HOSTS.length - 1}`,
        ),
      );
  } catch (error) {
    return [problem(`no RabbitMQ node lists its queues: ${reason(error)}`)];
  }
}

/** Every host's worker consumes: a consumer of the queue comes through that host's HAProxy. */
export async function consumerProblems(lab: LabContext): Promise<readonly Problem[]> {
  try {
    const consumers = await anyManagement<Consumer[]>(lab, '/api/consumers/%2F');
    return HOSTS.filter(
      (host) =>
        !consumers.some(
          (consumer) => consumer.queue.name === QUEUE && consumer.channel_details?.peer_host === ADDRESSES[host],
        ),
    ).map((host) => ({ what: `celery@${host} does not consume "${QUEUE}"`, members: [memberId(host, 'worker')] }));
  } catch (error) {
    return [problem(`no RabbitMQ node lists its consumers: ${reason(error)}`)];
  }
}

function problem(what: string): Problem {
  return { what, members: HOSTS.map((host) => memberId(host, 'rabbitmq')) };
}

/** The first node's answer that comes. */
async function anyManagement<T>(lab: LabContext, path: string): Promise<T> {
  try {
    return await Promise.any(HOSTS.map((host) => management<T>(lab, host, path)));
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}

/** Reads with Trellis's own reading user, which shows by the way that its rights suffice. */
function management<T>(lab: LabContext, host: Host, path: string): Promise<T> {
  const login = Buffer.from(`trellis-read:${lab.secret('trellis-read')}`).toString('base64');
  return getJson<T>(`http://${ADDRESSES[host]}:${PORTS.management}${path}`, { authorization: `Basic ${login}` });
}
