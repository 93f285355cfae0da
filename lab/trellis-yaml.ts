/** The configuration with which Trellis watches this lab. Pure. */
import { stringify } from 'yaml';
import { drillsSection } from './drill-commands.ts';
import { ADDRESSES, BEAT_LOCK, HOSTS, numberOf, PORTS, REDIS_MASTER_NAME, rabbitNode } from './layout.ts';
import { type LabPaths, proxyConfigFile, secretFile } from './paths.ts';

/** The text of `trellis.yaml`; it names the password file, never the password. */
export function trellisYaml(paths: LabPaths): string {
  const address = ADDRESSES['host-1'];
  return stringify({
    estate: { name: 'lab', colour: 'blue' },
    listen: '127.0.0.1:3000',
    hosts: ADDRESSES,
    rabbitmq: {
      user: 'trellis-read',
      password: { file: secretFile(paths, 'trellis-read') },
      vhosts: ['/'],
      nodes: Object.fromEntries(
        HOSTS.map((host) => [
          rabbitNode(host),
          { management: `http://${ADDRESSES[host]}:${PORTS.management}`, amqp: `${ADDRESSES[host]}:${PORTS.amqp}` },
        ]),
      ),
    },
    redis: {
      results: { sentinels: HOSTS.map((host) => `${ADDRESSES[host]}:${PORTS.sentinel}`), master: REDIS_MASTER_NAME },
    },
    haproxy: HOSTS.map((host) => ({
      name: `haproxy-${numberOf(host)}`,
      stats: `http://${ADDRESSES[host]}:${PORTS.proxyStats}/;csv`,
      socket: `${ADDRESSES[host]}:${PORTS.proxySocket}`,
      config: proxyConfigFile(paths, host),
    })),
    consul: {
      agents: HOSTS.map((host) => `http://${ADDRESSES[host]}:${PORTS.consulHttp}`),
      locks: { beat: BEAT_LOCK },
      keys: [`${BEAT_LOCK}/`],
    },
    celery: {},
    entrances: {
      broker: [`amqp://${address}:${PORTS.proxyAmqp}//`],
      results: `redis://${address}:${PORTS.proxyRedis}/0`,
    },
    acting: { rabbitmq: { user: 'trellis-act', password: { file: secretFile(paths, 'trellis-act') } } },
    drills: drillsSection(paths, process.execPath),
  });
}
