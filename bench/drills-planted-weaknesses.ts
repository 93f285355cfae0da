/** Weaknesses planted on the lab, and mended again: faults of processes and proxies, and those that only the broker can have. */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { labContext } from '#lab/context.ts';
import type { Lab } from '#lab/control.ts';
import { ADDRESSES, type Host, PORTS, rabbitNode } from '#lab/layout.ts';
import { SEARCH_PATH } from '#lab/programs.ts';
import { RABBITMQ_SERVER, rabbitmqRole } from '#lab/roles/rabbitmq.ts';
import type { LabContext } from '#lab/roles/role.ts';
import type { QuietProxy } from './drills-planted-source.ts';
import { PLANTED_MESSAGES, PLANTED_QUEUE, type Weakness } from './drills-planted-table.ts';
import { manage, openBroker } from './event-broker.ts';
import { beginFault, endFault } from './findings-fault.ts';

/** What a weakness is planted on. */
export type Ground = { readonly lab: Lab; readonly source: QuietProxy };

/** As in the lab's configuration of the broker. */
const DISK_LIMIT_BYTES = 100_000_000;
/** More than any disk has. */
const ENDLESS_BYTES = 1_000_000_000_000_000;
const RABBITMQCTL = join(dirname(RABBITMQ_SERVER), 'rabbitmqctl');
const ORDER_LIMIT_MS = 30_000;
/** Over the lab's own policy. */
const PRIORITY = 50;

/** Plants it; what it leads to comes by itself. @throws Error where somebody refuses */
export async function plant(weakness: Weakness, { lab, source }: Ground): Promise<void> {
  const own = labContext(lab.paths);
  switch (weakness.kind) {
    case 'faults':
      await Promise.all(weakness.faults.map((fault) => beginFault(lab, fault)));
      return;
    case 'disk alarm':
      return setDiskLimit(own, weakness.host, ENDLESS_BYTES);
    case 'unsynced mirrors':
      return plantQueue(own, weakness.host);
    case 'silent source':
      return source.hush();
  }
}

/**
 * Mends it, whether or not it was planted; killed, stopped and paused processes are left to the lab's `up`, which waits until
 * everything is whole and therefore comes after this.
 * @throws Error where somebody refuses
 */
export async function mend(
  weakness: Weakness,
  { lab, source }: { readonly lab: Lab; readonly source: Pick<QuietProxy, 'speak'> },
): Promise<void> {
  const own = labContext(lab.paths);
  switch (weakness.kind) {
    case 'faults':
      for (const fault of weakness.faults) await endFault(fault);
      return;
    case 'disk alarm':
      return setDiskLimit(own, weakness.host, DISK_LIMIT_BYTES);
    case 'unsynced mirrors':
      await manage(own, weakness.host, 'DELETE', `queues/%2F/${PLANTED_QUEUE}`);
      await manage(own, weakness.host, 'DELETE', `policies/%2F/${PLANTED_QUEUE}`);
      return;
    case 'silent source':
      return source.speak();
  }
}

/** As an operator would; the limit is forgotten when the node is started again. */
async function setDiskLimit(lab: LabContext, host: Host, bytes: number): Promise<void> {
  const { env } = rabbitmqRole.command(lab, host);
  // It is an Erlang node itself for a moment: on loopback only, as everything of the lab.
  const listen = `-kernel inet_dist_use_interface {${ADDRESSES[host].replaceAll('.', ',')}}`;
  const variables = { PATH: SEARCH_PATH, LANG: 'C.UTF-8', ...env, RABBITMQ_CTL_ERL_ARGS: listen };
  await promisify(execFile)(RABBITMQCTL, ['-q', '-n', rabbitNode(host), 'set_disk_free_limit', String(bytes)], {
    env: variables as unknown as NodeJS.ProcessEnv, // Next's types demand NODE_ENV
    timeout: ORDER_LIMIT_MS,
  });
}

/** Filled while it has one copy. Mirrors that come later, and that nobody synchronises, have nothing of it. */
async function plantQueue(lab: LabContext, host: Host): Promise<void> {
  await putPolicy(lab, host, { 'queue-mode': 'default' });
  const connection = await openBroker(lab, host);
  try {
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue(PLANTED_QUEUE, { durable: true });
    for (let n = 0; n < PLANTED_MESSAGES; n += 1) {
      channel.sendToQueue(PLANTED_QUEUE, Buffer.from(String(n)), { persistent: true });
    }
    await channel.waitForConfirms();
  } finally {
    await connection.close();
  }
  await putPolicy(lab, host, { 'ha-mode': 'all', 'ha-sync-mode': 'manual' });
}

async function putPolicy(lab: LabContext, host: Host, definition: object): Promise<void> {
  const login = Buffer.from(`trellis-act:${lab.secret('trellis-act')}`).toString('base64');
  const response = await fetch(`http://${ADDRESSES[host]}:${PORTS.management}/api/policies/%2F/${PLANTED_QUEUE}`, {
    method: 'PUT',
    headers: { authorization: `Basic ${login}`, 'content-type': 'application/json' },
    body: JSON.stringify({ pattern: `^${PLANTED_QUEUE}$`, definition, priority: PRIORITY, 'apply-to': 'queues' }),
    signal: AbortSignal.timeout(ORDER_LIMIT_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`PUT of the policy ${PLANTED_QUEUE}: ${response.status} ${text}`);
}
