/** What drills touch that the forecast knows nothing of, in sentences. Pure. */
import { andList, someOf } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import type { Model } from '#lib/model/model.ts';
import { missingCopies } from '#lib/model/queues.ts';
import type { Queue } from '#lib/model/rabbitmq.ts';
import { sumTold } from '#lib/model/sum.ts';
import type { ProxyPlace } from './proxy-servers.ts';

/** The workers whose connections a broker node carries now. */
export function workersTouched(node: string, model: Pick<Model, 'workers' | 'brokerNodes'>): string {
  const name = shortNodeName(node, model);
  const there = Object.values(model.workers).filter(
    ({ goneSince, brokerNodes }) => goneSince === null && brokerNodes.includes(node),
  );
  if (there.length === 0) return `No worker is connected to ${name} now.`;
  return `Workers connected to ${name} now: ${someOf(there.map(({ id }) => id))}.`;
}

/** `4 sessions through haproxy-1 and haproxy-2`; null = no proxy sends anybody there. */
export function sessionsTouched(places: readonly ProxyPlace[]): string | null {
  if (places.length === 0) return null;
  const sessions = places.map(({ server }) => server.sessions);
  const sum = sessions.includes(null) ? null : sumTold(sessions);
  const proxies = andList([...new Set(places.map(({ proxy }) => proxy.id))]);
  return `${sum === null ? 'every session' : formatCount(sum, 'session')} through ${proxies}`;
}

/** A queue whose leader moves. */
export function moveTouches({ name, consumers, unacknowledged, ...queue }: Queue): string[] {
  const held = unacknowledged === null ? '' : `: ${formatCount(unacknowledged, 'task')}`;
  return [
    `${name} gives its ${consumers === null ? 'consumers' : formatCount(consumers, 'consumer')} nothing while its leader moves.`,
    `What workers hold unacknowledged comes again${held}.`,
    `Then the other nodes copy ${messagesText({ ...queue, unacknowledged })}.`,
  ];
}

/** A queue whose copies are synchronised. */
export function syncTouches(queue: Queue, model: Pick<Model, 'brokerNodes'>): string[] {
  const { name, replication } = queue;
  const missing = missingCopies(replication);
  if (missing?.length === 0) return [`Every copy of ${name} is in sync already: nothing is copied.`];
  const to = missing === null ? 'the copies that are behind' : andList(missing.map((id) => shortNodeName(id, model)));
  return [`${name} takes and gives nothing while ${messagesText(queue)} are copied to ${to}.`];
}

/** `its messages (12)`; without the number where it is not told. */
function messagesText({ ready, unacknowledged }: Pick<Queue, 'ready' | 'unacknowledged'>): string {
  return ready === null || unacknowledged === null ? 'its messages' : `its messages (${ready + unacknowledged})`;
}
