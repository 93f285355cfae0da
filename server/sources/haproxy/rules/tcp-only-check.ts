/** TcpOnlyCheck: a hung broker passes the check. */
import type { Rule } from '#server/model/rule.ts';
import { onAllProxies, wanting } from './shared.ts';

export const tcpOnlyCheck: Rule = {
  code: 'TcpOnlyCheck',
  severity: 'info',
  posture: true,
  means:
    'The proxies only check that the broker’s port is open. A hung broker passes that: its port stays open and nothing is behind it. Measured: execution of tasks stopped until the broker was resumed. With a check on the level of AMQP HAProxy marked it down after 8 seconds.',
  mend: 'Send the header of AMQP and expect the first byte of the answer: `option tcp-check`, `tcp-check send-binary 414d515000000901`, `tcp-check expect binary 01`. RabbitMQ logs such a check as a handshake that ended early.',
  find(model, now) {
    const found = onAllProxies(
      wanting(['broker'], ({ kind }) => kind === 'tcp', model, now),
      () => 'TCP check',
    );
    if (found === null) return [];
    const { subject, proxies, backends, evidence } = found;
    return [
      {
        ...{ subject, evidence },
        text: `The check of ${backends} at ${proxies} only asks for an open port: a hung broker passes, and tasks stop.`,
        advice: {
          text: `Check on the level of AMQP, in the backend ${backends} of every haproxy.cfg.`,
          command: 'option tcp-check\ntcp-check send-binary 414d515000000901\ntcp-check expect binary 01',
        },
      },
    ];
  },
};
