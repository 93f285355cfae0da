/** Tasks of the lab that sleep, published as an application does. */
import { PORTS, QUEUE } from '#lab/layout.ts';
import type { LabContext } from '#lab/roles/role.ts';
import { openBroker } from './event-broker.ts';

/** `lab.sleep` is acknowledged before it runs, `lab.sleep_late` after it. */
export type Sleep = { readonly task: 'lab.sleep' | 'lab.sleep_late'; readonly id: string };

/** Publishes them in this order through the proxy of host-1, with confirms; each sleeps for so many seconds. @throws Error as the broker */
export async function publishSleeps(lab: LabContext, sleeps: readonly Sleep[], seconds: number): Promise<void> {
  const connection = await openBroker(lab, 'host-1', PORTS.proxyAmqp);
  try {
    const channel = await connection.createConfirmChannel();
    const embed = { callbacks: null, errbacks: null, chain: null, chord: null };
    for (const { task, id } of sleeps) {
      const headers = {
        ...{ lang: 'py', task, id, shadow: null, eta: null, expires: null, group: null, group_index: null, retries: 0 },
        ...{ timelimit: [null, null], root_id: id, parent_id: null, argsrepr: `(${seconds},)`, kwargsrepr: '{}' },
        ...{ origin: `gen${process.pid}@bench`, ignore_result: false },
      };
      channel.sendToQueue(QUEUE, Buffer.from(JSON.stringify([[seconds], {}, embed])), {
        ...{ persistent: true, contentType: 'application/json', contentEncoding: 'utf-8', correlationId: id, headers },
        mandatory: true,
      });
    }
    await channel.waitForConfirms();
  } finally {
    await connection.close();
  }
}
