/** ProxyDown: nobody listens at the proxy's address. */
import { hostSubjects, isRefusedNow } from '#server/model/explanations.ts';
import type { Found, Rule } from '#server/model/rule.ts';
import { place } from './shared.ts';

export const proxyDown: Rule = {
  code: 'ProxyDown',
  severity: 'warning',
  posture: false,
  aboutSilence: true,
  means:
    'HAProxy refuses connections at the address that Trellis asks: the process does not run. Applications that use this proxy reach neither broker nor results. A proxy that is only silent may hang or be cut off from Trellis, and is no such case.',
  mend: 'Start HAProxy again. A configuration that it does not accept keeps it from starting; `haproxy -c` tells.',
  holdMs: 1_000,
  find(model, now) {
    return Object.values(model.proxies).flatMap((proxy): Found[] => {
      const reading = model.readings[proxy.own];
      if (!isRefusedNow(reading, now)) return [];
      return [
        {
          subject: { kind: 'proxies', id: proxy.id },
          text:
            proxy.host === null
              ? `${proxy.id} does not run: applications that use it have no way to broker and results.`
              : `HAProxy on ${proxy.host} does not run: applications of ${proxy.host} have no way to broker and results.`,
          evidence: [{ by: proxy.own, says: `${proxy.id}: ${reading.failure.message}` }],
          advice: {
            text: `${place(proxy)}see why it ended (journalctl -u haproxy), check its configuration and start it.`,
            command: 'haproxy -c -f /etc/haproxy/haproxy.cfg && systemctl start haproxy',
          },
          because: hostSubjects(proxy.host),
        },
      ];
    });
  },
};
