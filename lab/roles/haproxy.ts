/** HAProxy on every host: the one entrance of that host's applications to broker and result store. */
import { ADDRESSES, HOSTS, type Host, numberOf, PORTS } from '#lab/layout.ts';
import { proxyConfigFile } from '#lab/paths.ts';
import type { RoleSpec } from './role.ts';

/** HAProxy's part of a host. */
export const haproxyRole: RoleSpec = {
  restart: 'never',
  stopLimitMs: 2_000,
  files: (lab, host) => [{ path: proxyConfigFile(lab.paths, host), content: configuration(host) }],
  command: (lab, host) => ({ argv: ['haproxy', '-db', '-f', proxyConfigFile(lab.paths, host)] }),
};

function configuration(host: Host): string {
  const address = ADDRESSES[host];
  const own = [host, ...HOSTS.filter((other) => other !== host)];
  // `source` makes the broker see which host a connection comes from; plain loopback would always say 127.0.0.1.
  const brokers = own.map(
    (peer, index) =>
      `  server rabbit-${numberOf(peer)} ${ADDRESSES[peer]}:${PORTS.amqp} source ${address} check inter 1s fall 3 rise 2 ` +
      `on-marked-down shutdown-sessions${index === 0 ? '' : ' backup'}`,
  );
  const stores = HOSTS.map(
    (peer) =>
      `  server redis-${numberOf(peer)} ${ADDRESSES[peer]}:${PORTS.redis} source ${address} check inter 1s ` +
      'on-marked-down shutdown-sessions',
  );
  return `global
  log stdout format timed local0 notice
  stats socket ipv4@${address}:${PORTS.proxySocket} level admin
  stats timeout 2m
  nbthread 1
  maxconn 2000

defaults
  log global
  mode tcp
  timeout connect 3s
  timeout check 1s
  timeout client 1h
  timeout server 1h

listen amqp
  bind ${address}:${PORTS.proxyAmqp}
  option clitcpka
  option srvtcpka
${brokers.join('\n')}

listen redis
  bind ${address}:${PORTS.proxyRedis}
  option tcp-check
  tcp-check connect
  tcp-check send PING\\r\\n
  tcp-check expect string +PONG
  tcp-check send info\\ replication\\r\\n
  tcp-check expect string role:master
  tcp-check send QUIT\\r\\n
  tcp-check expect string +OK
${stores.join('\n')}

frontend stats
  mode http
  timeout client 10s
  bind ${address}:${PORTS.proxyStats}
  stats enable
  stats uri /
`;
}
