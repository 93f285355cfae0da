/** Faults of the lab, begun and ended. */
import type { Lab } from '#lab/control.ts';
import type { Fault } from './findings-table.ts';
import { askHaproxy } from './witness-proxy.ts';

/** Begins it. @throws Error as the lab, or with HAProxy's words when it refuses */
export async function beginFault(lab: Lab, fault: Fault): Promise<void> {
  if (fault.verb === 'maint') await setServer(fault, 'maint');
  else await lab[fault.verb](fault.target);
}

/** Ends what the lab's `up` does not end. @throws Error with HAProxy's words when it refuses */
export async function endFault(fault: Fault): Promise<void> {
  if (fault.verb === 'maint') await setServer(fault, 'ready');
}

async function setServer(
  { proxy, server }: Extract<Fault, { verb: 'maint' }>,
  state: 'maint' | 'ready',
): Promise<void> {
  const answer = await askHaproxy(proxy, `set server ${server} state ${state}`);
  if (answer.trim() !== '') throw new Error(`HAProxy on ${proxy}: ${answer.trim()}`);
}
