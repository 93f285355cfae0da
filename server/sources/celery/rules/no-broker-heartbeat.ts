/** NoBrokerHeartbeat: workers do not notice that the broker is gone. */
import type { Rule } from '#server/model/rule.ts';
import { configured, foundOf } from './configured.ts';

/** RabbitMQ's own. */
const AMQP: readonly (string | null)[] = ['amqp', 'amqps', 'pyamqp', 'librabbitmq'];

export const noBrokerHeartbeat: Rule = {
  code: 'NoBrokerHeartbeat',
  severity: 'warning',
  posture: true,
  means:
    'Workers asked RabbitMQ for no heartbeats. When a host or a network goes without a good-bye, neither side notices: the worker waits on a dead connection until the operating system gives up, which takes up to two hours, and RabbitMQ keeps its messages away from others for as long.',
  mend: 'Set `broker_heartbeat = 30` (it is 120 unless set otherwise); with the pool `gevent` or `eventlet` too. A proxy’s own timeouts (`timeout client`, `timeout server`) are no substitute.',
  find(model, now) {
    const deaf = configured(model, now).filter(
      (one) => one.brokerHeartbeatMs === 0 && AMQP.includes(one.brokerTransport),
    );
    return foundOf(
      deaf,
      { model, now },
      {
        text: (names, isOne) =>
          `${names} ${isOne ? 'has' : 'have'} no heartbeat with the broker: a connection that is cut off stays unnoticed for up to two hours.`,
        says: ({ brokerHost }) => `heartbeat 0${brokerHost === null ? '' : ` with ${brokerHost}`}`,
        advice: { text: 'Set broker_heartbeat = 30.', command: null },
      },
    );
  },
};
