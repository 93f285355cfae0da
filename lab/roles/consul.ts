/** Consul: one server per host, with the host's services registered and checked. */
import { join } from 'node:path';
import { ADDRESSES, HOSTS, type Host, memberId, numberOf, PORTS } from '#lab/layout.ts';
import { memberDir } from '#lab/paths.ts';
import type { LabContext, LabFile, RoleSpec } from './role.ts';

/** Consul's part of a host. */
export const consulRole: RoleSpec = {
  restart: 'never',
  stopLimitMs: 5_000,
  files: (lab, host) => [configuration(lab, host)],
  command: (lab, host) => {
    const dir = memberDir(lab.paths, memberId(host, 'consul'));
    return {
      argv: ['consul', 'agent', `-config-file=${join(dir, 'consul.json')}`],
      cwd: dir,
      env: { GOMAXPROCS: '2' },
    };
  },
};

function configuration(lab: LabContext, host: Host): LabFile {
  const dir = memberDir(lab.paths, memberId(host, 'consul'));
  const address = ADDRESSES[host];
  const tcpService = (name: string, port: number) => ({
    name,
    id: `${name}-${numberOf(host)}`,
    address,
    port,
    check: { name: `${name} port`, tcp: `${address}:${port}`, interval: '5s', timeout: '2s' },
  });
  const config = {
    server: true,
    bootstrap_expect: HOSTS.length,
    node_name: `consul-${numberOf(host)}`,
    datacenter: 'lab',
    data_dir: join(dir, 'data'),
    bind_addr: address,
    client_addr: address,
    retry_join: HOSTS.map((peer) => ADDRESSES[peer]),
    retry_interval: '1s',
    raft_protocol: 3,
    ports: {
      http: PORTS.consulHttp,
      server: PORTS.consulServer,
      serf_lan: PORTS.consulSerf,
      serf_wan: -1,
      dns: -1,
      grpc: -1,
    },
    performance: { raft_multiplier: 1 },
    disable_update_check: true,
    log_level: 'info',
    services: [
      tcpService('rabbitmq', PORTS.amqp),
      tcpService('redis', PORTS.redis),
      tcpService('sentinel', PORTS.sentinel),
      {
        ...tcpService('haproxy', PORTS.proxyAmqp),
        check: {
          name: 'haproxy stats',
          http: `http://${address}:${PORTS.proxyStats}/;csv`,
          interval: '5s',
          timeout: '2s',
        },
      },
    ],
  };
  return { path: join(dir, 'consul.json'), content: `${JSON.stringify(config, null, 2)}\n` };
}
