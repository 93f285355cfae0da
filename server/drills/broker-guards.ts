/** Guards of drills that touch RabbitMQ. Pure. */
import { someOf } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatCount } from '#lib/format/quantity.ts';
import { settle } from '#lib/model/claims.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import { isTaskQueue, missingCount, policyOf } from '#lib/model/queues.ts';
import type { BrokerNode, Queue } from '#lib/model/rabbitmq.ts';
import type { Guard, Scene } from './drill.ts';
import { checked, evidenceOf } from './guards.ts';

/** Synchronising holds a queue up; more messages than this would hold it up for long. */
const SYNC_MESSAGES = 100_000;

/** Every queue of tasks keeps a copy that is in sync, without the node. */
export function copiesElsewhere(node: string): Guard {
  return ({ model, now }) => {
    const led = taskQueuesOf(model).filter(({ replication: { leader } }) => leader === node);
    const told = evidenceOf(
      led.map(({ by }) => by),
      { model, now },
    );
    const alone = led.filter(({ replication }) => (replication.inSync ?? []).every((member) => member === node));
    const [first] = alone;
    const name = shortNodeName(node, model);
    if (first !== undefined)
      return checked(
        'copies-elsewhere',
        'block',
        `${name} alone has all of ${first.name} (${messagesOf(first)}). ${rest(alone)}`.trim(),
        told,
      );
    if (led.length === 0) return checked('copies-elsewhere', 'pass', `${name} leads no queue of tasks.`);
    return checked(
      'copies-elsewhere',
      'pass',
      `${queuesText(led)} led by ${name} have copies in sync elsewhere.`,
      told,
    );
  };
}

/** No queue of tasks lacks a copy already. */
export const redundancyWhole: Guard = ({ model, now }) => {
  const queues = taskQueuesOf(model);
  const told = evidenceOf(
    queues.map(({ by }) => by),
    { model, now },
  );
  const short = queues.filter(({ replication }) => replication.leader === null || (missingCount(replication) ?? 1) > 0);
  const [first] = short.filter(({ replication }) => replication.kind !== 'none');
  if (first === undefined) return checked('redundancy', 'pass', 'No queue of tasks lacks a copy.', told);
  const { leader, wanted } = first.replication;
  const what =
    leader === null
      ? 'has no leader'
      : `lacks ${missingCount(first.replication) ?? 'untold'} of ${wanted} copies in sync`;
  return checked('redundancy', 'block', `${first.name} ${what} (${messagesOf(first)}). ${rest(short)}`.trim(), told);
};

/** From whom the node was cut off, by its own word; null = from nobody that is known. */
export function cutOffFrom({ partitions }: BrokerNode, { model, now }: Pick<Scene, 'model' | 'now'>): string | null {
  return partitions.find(({ by, value }) => value !== '' && isCurrent(model.readings[by], now))?.value ?? null;
}

/** No node has an alarm, is cut off from others, or is being drained. */
export const brokerAtPeace: Guard = ({ model, now }) => {
  const nodes = Object.values(model.brokerNodes);
  const told = evidenceOf(
    nodes.flatMap(({ own }) => own.slice(0, 1)),
    { model, now },
  );
  for (const node of nodes) {
    const name = shortNodeName(node.id, model);
    const block = (text: string) => checked('broker-at-peace', 'block', `${name} ${text}.`, told);
    if (node.memoryAlarm === true) return block('has a memory alarm and blocks publishers');
    if (node.diskAlarm === true) return block('has a disk alarm and blocks publishers');
    if (node.amqp?.blocked != null) return block(`blocks publishers (${node.amqp.blocked})`);
    if (node.beingDrained === true) return block('is being drained');
    const peer = cutOffFrom(node, { model, now });
    if (peer !== null) return block(`was cut off from ${peer}`);
  }
  return checked('broker-at-peace', 'pass', 'No broker node has an alarm, a partition or maintenance.', told);
};

/** Without the node a majority of the cluster goes on: the rest would pause otherwise, or split. */
export function majorityStays(node: string): Guard {
  return ({ model, now }) => {
    const nodes = Object.values(model.brokerNodes);
    const running = nodes.filter((one) => settle(one.running, model.readings, now).value === true);
    const left = running.filter(({ id }) => id !== node).length;
    const told = evidenceOf(
      nodes.flatMap(({ own }) => own.slice(0, 1)),
      { model, now },
    );
    if (left * 2 > nodes.length)
      return checked(
        'majority',
        'pass',
        `${left} of ${formatCount(nodes.length, 'broker node')} would go on, a majority.`,
        told,
      );
    return checked(
      'majority',
      'block',
      `${left} of ${formatCount(nodes.length, 'broker node')} would be left: no majority.`,
      told,
    );
  };
}

/** A hung broker passes a check that only opens a connection. */
export const checkSeesHang: Guard = ({ model, now }) => {
  const blind = Object.values(model.proxies).filter(
    (proxy) =>
      isCurrent(model.readings[proxy.own], now) &&
      proxy.backends.some(
        ({ carries, servers }) => carries === 'broker' && servers.some(({ check }) => check.kind !== 'content'),
      ),
  );
  if (blind.length === 0) return checked('check-sees-hang', 'pass', 'The proxies check brokers on the level of AMQP.');
  const names = someOf(blind.map(({ id }) => id));
  return checked(
    'check-sees-hang',
    'warn',
    `${names}: a TCP check does not see a hung broker. Tasks stop until it is resumed.`,
  );
};

/** The queue is one whose leader a policy can move, and whose other copies catch up by themselves once that policy is gone. */
export function movable(queue: Queue, to: string | null): Guard {
  return ({ model, now }) => {
    const policy = policyOf(queue, model.policies);
    const told = evidenceOf(policy === null ? [queue.by] : [queue.by, policy.by], { model, now });
    const block = (text: string) => checked('movable', 'block', text, told);
    if (queue.replication.kind !== 'mirrors')
      return block(
        `${queue.name} is not mirrored (${queue.type}): only the leader of mirrored queues moves by a policy.`,
      );
    const old = Object.values(model.brokerNodes).find(
      ({ version }) => version !== null && isBefore(version, [3, 8, 12]),
    );
    if (old !== undefined)
      return block(`RabbitMQ ${old.version} can lose messages while a leader moves; 3.8.12 does not.`);
    if (queue.state === 'syncing') return block(`${queue.name} is synchronising: wait until that is over.`);
    if (queue.policy !== null && policy === null)
      return block(`What policy ${queue.policy} says is not known yet, and would be lost meanwhile.`);
    if (policy !== null && policy.definition['ha-sync-mode'] !== 'automatic')
      return block(
        `Policy ${policy.name} has no ha-sync-mode: automatic. Nobody would synchronise the other copies of ${queue.name} after the move: set it first.`,
      );
    if (to === null) return block(`No other copy of ${queue.name} is in sync: nobody could take over without loss.`);
    if (policy === null)
      return checked(
        'movable',
        'warn',
        `No policy is told for ${queue.name}: whether its other copies are synchronised after the move is not known.`,
        told,
      );
    return checked('movable', 'pass', `${shortNodeName(to, model)} has a copy of ${queue.name} that is in sync.`, told);
  };
}

/** While a mirrored queue moves there is one copy, and copying it again holds the queue up. */
export function shortEnough(queue: Queue): Guard {
  return ({ model, now }) => {
    const messages = (queue.ready ?? 0) + (queue.unacknowledged ?? 0);
    const told = evidenceOf([queue.figuresBy ?? queue.by], { model, now });
    if (queue.ready === null)
      return checked(
        'short-enough',
        'warn',
        `How many messages wait in ${queue.name} is not told; copying holds it up.`,
      );
    const text = `${messagesOf(queue)} in ${queue.name}`;
    if (messages > SYNC_MESSAGES)
      return checked('short-enough', 'block', `${text}: the queue stands still while they are copied.`, told);
    return checked('short-enough', 'pass', `${text}: copied quickly.`, told);
  };
}

/** Queues of tasks, in the order of their ids. */
export function taskQueuesOf(model: Pick<Model, 'queues'>): Queue[] {
  return Object.values(model.queues)
    .filter(isTaskQueue)
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function messagesOf({ ready, unacknowledged }: Queue): string {
  if (ready === null && unacknowledged === null) return 'how many messages is not told';
  return formatCount((ready ?? 0) + (unacknowledged ?? 0), 'message');
}

function rest(queues: readonly Queue[]): string {
  return queues.length < 2 ? '' : `So are ${someOf(queues.slice(1).map(({ name }) => name))}.`;
}

function queuesText(queues: readonly Queue[]): string {
  return queues.length === 1 ? `Queue ${queues[0]?.name}` : `The ${queues.length} queues`;
}

function isBefore(version: string, than: readonly [number, number, number]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [i, least] of than.entries()) {
    const part = parts[i] ?? 0;
    if (part !== least) return part < least;
  }
  return false;
}
