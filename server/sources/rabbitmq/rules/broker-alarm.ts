/** BrokerAlarm: RabbitMQ is short of memory or disk, and takes no messages. */
import { andList } from '#lib/format/list.ts';
import { shortNodeName } from '#lib/format/names.ts';
import { formatBytes } from '#lib/format/quantity.ts';
import type { Advice } from '#lib/model/finding.ts';
import { isCurrent } from '#lib/model/freshness.ts';
import type { Model } from '#lib/model/model.ts';
import type { BrokerNode } from '#lib/model/rabbitmq.ts';
import type { Rule } from '#server/model/rule.ts';
import { CLUSTER, nodeNames, nodeSubjects } from './broker-nodes.ts';

type Alarm = { node: BrokerNode; kind: 'memory' | 'disk' | 'block'; by: string; says: string };

export const brokerAlarm: Rule = {
  code: 'BrokerAlarm',
  severity: 'critical',
  posture: false,
  means:
    'A node is above its memory limit, or below its limit of free disk. RabbitMQ then blocks publishers on all nodes of the cluster: whoever sends a task waits, consumers go on.',
  mend: 'Memory: let workers empty the queues, or raise `vm_memory_high_watermark`. Disk: free space. The alarm goes by itself as soon as the limit is kept again.',
  find(model, now) {
    const alarms = Object.values(model.brokerNodes).flatMap((node) => alarmsOf(node, model, now));
    if (alarms.length === 0) return [];
    // Every node blocks when one has an alarm: who has it is known a moment later.
    const named = alarms.filter(({ kind }) => kind !== 'block');
    const told = named.length > 0 ? named : alarms;
    return [
      {
        subject: CLUSTER,
        text: `RabbitMQ blocks publishers: ${andList(told.map(({ node, says }) => `${shortNodeName(node.id, model)} ${says}`))}.`,
        evidence: alarms.map(({ by, says }) => ({ by, says })),
        advice: adviceOf(told, model),
        because: nodeSubjects([...new Set(named.map(({ node }) => node.id))], model),
      },
    ];
  },
};

function alarmsOf(node: BrokerNode, model: Model, now: number): Alarm[] {
  const { amqp, resourcesBy, memoryAlarm, diskAlarm, memoryUsedBytes: used, memoryLimitBytes: limit } = node;
  const alarms: Alarm[] = [];
  if (resourcesBy !== null && isCurrent(model.readings[resourcesBy], now)) {
    const sizes = used === null || limit === null ? '' : ` (${formatBytes(used)} of ${formatBytes(limit)})`;
    if (memoryAlarm === true)
      alarms.push({ node, kind: 'memory', by: resourcesBy, says: `has a memory alarm${sizes}` });
    if (diskAlarm === true) alarms.push({ node, kind: 'disk', by: resourcesBy, says: 'has a disk alarm' });
  }
  if (amqp !== null && amqp.blocked !== null && isCurrent(model.readings[amqp.by], now)) {
    alarms.push({ node, kind: 'block', by: amqp.by, says: `blocks publishers (${amqp.blocked})` });
  }
  return alarms;
}

function adviceOf(alarms: readonly Alarm[], model: Model): Advice {
  const nodesWith = (kind: Alarm['kind']) => alarms.filter((one) => one.kind === kind).map(({ node }) => node.id);
  const [memory, disk] = [nodesWith('memory'), nodesWith('disk')];
  if (memory.length > 0) {
    const text = `Let workers empty the queues, or give ${nodeNames(memory, model)} a higher limit; it holds until the next restart.`;
    const raises = memory.map((id) => `rabbitmqctl -n ${id} set_vm_memory_high_watermark 0.6`);
    return { text: disk.length > 0 ? `${text} ${freeDisk(disk, model)}` : text, command: raises.join(' && ') };
  }
  if (disk.length > 0) return { text: freeDisk(disk, model), command: null };
  const [first] = alarms;
  return {
    text: 'Ask the nodes which of them is short of memory or disk.',
    command: first === undefined ? null : `rabbitmq-diagnostics -n ${first.node.id} alarms`,
  };
}

function freeDisk(ids: readonly string[], model: Model): string {
  return `Free disk space where ${nodeNames(ids, model)} keeps its data.`;
}
