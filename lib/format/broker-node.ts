/** What a broker node tells of itself, in words. */
import type { AmqpLink, BrokerNode } from '#lib/model/rabbitmq.ts';

/** Words, and whether they ask for attention. */
type Said = { text: string; bad: boolean };

const EVENTS: Readonly<Record<NonNullable<AmqpLink['events']>, string>> = {
  on: 'events on',
  off: 'events off (plugin rabbitmq_event_exchange is not enabled)',
  refused: 'events refused (no permission to read amq.rabbitmq.event)',
};

/** The AMQP link; `current` = its newest probe answered. */
export function amqpText(amqp: AmqpLink | null, current: boolean): Said {
  if (amqp === null) return { text: 'not configured', bad: false };
  if (!current) return { text: 'not answering', bad: true };
  const events = amqp.events === null ? 'events not told' : EVENTS[amqp.events];
  if (amqp.blocked === null) return { text: `connected, ${events}`, bad: false };
  return { text: `blocks publishers (${amqp.blocked}), ${events}`, bad: true };
}

/** Queue names on a card; thousands may hang on one node. */
const NAMED = 5;

/** What would be lost with this node alone; `current` = it says so now. */
export function criticalText(critical: BrokerNode['critical'], current: boolean): Said {
  if (critical === null || !current) return { text: 'not told', bad: false };
  const { mirrors, quorum } = critical;
  if (mirrors === null && quorum === null) return { text: 'not told', bad: false };
  const lost = [listed('last copy in sync of', mirrors), listed('quorum of', quorum)].filter((part) => part !== null);
  if (lost.length > 0) return { text: lost.join('; '), bad: true };
  const untold = mirrors === null ? ' (mirrors not told)' : quorum === null ? ' (quorum queues not told)' : '';
  return { text: `nothing hangs on it alone${untold}`, bad: false };
}

function listed(what: string, names: readonly string[] | null): string | null {
  if (names === null || names.length === 0) return null;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  return `${what} ${names.slice(0, NAMED).join(', ')}${more}`;
}

/** Memory and disk alarm. */
export function alarmText({ memoryAlarm, diskAlarm }: Pick<BrokerNode, 'memoryAlarm' | 'diskAlarm'>): Said {
  if (memoryAlarm === null && diskAlarm === null) return { text: 'not told', bad: false };
  const raised = [memoryAlarm === true ? 'memory' : null, diskAlarm === true ? 'disk' : null].filter(
    (alarm) => alarm !== null,
  );
  return raised.length === 0 ? { text: 'none', bad: false } : { text: raised.join(' and '), bad: true };
}
