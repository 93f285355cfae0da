/** A fault of the proxies: the serving broker is drained. */
import { HOSTS, type Host, numberOf } from '#lab/layout.ts';
import type { Fault } from './fault.ts';
import type { View } from './live-stream.ts';
import { Signal } from './signal.ts';
import { setOwnBroker, statsSayDrained } from './witness-proxy.ts';

const TARGET_MS = 1_200;

export const proxyDrain: Fault = {
  name: 'HAProxy drain',
  limitMs: 15_000,
  pairs: [
    {
      metric: 'stats say drained → serving shown',
      from: 'stats',
      sight: 'serving',
      targetMs: TARGET_MS,
      against: '§14',
    },
    { metric: 'fault → serving shown', from: 'fault', sight: 'serving', targetMs: null, against: '' },
  ],
  page: { from: 'stats', targetMs: TARGET_MS },
  arm: async ({ view }, run) => {
    const host = HOSTS[run % HOSTS.length] as Host;
    const signals = { stats: new Signal() };
    const stop = statsSayDrained(host, signals.stats);
    const was = servingOf(view(), host);
    return {
      target: `haproxy-${numberOf(host)}`,
      send: () => setOwnBroker(host, 'drain'),
      signals,
      sights: { serving: (seen) => servingOf(seen, host) !== was },
      page: { kind: 'serving-changes', proxy: `haproxy-${numberOf(host)}`, backend: 'amqp' },
      disarm: async () => {
        stop();
        await setOwnBroker(host, 'ready');
      },
    };
  },
};

/** The names that a host's HAProxy sends AMQP to, as Trellis has them. */
function servingOf({ model }: View, host: Host): string {
  const proxy = Object.values(model.proxies).find((each) => each.host === host);
  return proxy?.backends.find(({ name }) => name === 'amqp')?.serving.join(' ') ?? '';
}
